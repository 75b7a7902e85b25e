/** Ids and addresses of the made-up account. */

export const VENDOR = "cfbff0d193755685968c48ce8b15ae17";
export const CLASS = "c9e5e8a4dd02584fbcad02e9cd816d21";
export const OTHER_CLASS = "7a31c0de55aa4f17a1b2c3d4e5f60718";
export const URL_OF = (name: string) => `http://firmware-catalog.example.com/${name}`;
