/** The account form: what is typed, and what of it is wrong. */
import type { AccountDraft, AccountView } from "../../ipc";

export interface Fields {
  name: string;
  host: string;
  key: string;
  proxy: string;
  ca: string;
  production: boolean;
}

export function fieldsOf(account: AccountView | undefined): Fields {
  return {
    name: account?.name ?? "",
    host: account?.host ?? "https://",
    key: "",
    proxy: account?.proxy ?? "",
    ca: "",
    production: account?.production ?? false,
  };
}

/** What goes to the program. An empty key leaves the stored one, empty certificates leave the stored ones. */
export function draftOf(fields: Fields): AccountDraft {
  return {
    name: fields.name.trim(),
    host: fields.host.trim(),
    access_key: orNull(fields.key.trim()),
    proxy: fields.proxy.trim(),
    extra_ca_pem: orNull(fields.ca.trim()),
    production: fields.production,
  };
}

function orNull(text: string): string | null {
  return text === "" ? null : text;
}

/** One sentence for each field that cannot stay as it is. */
export function faults(fields: Fields, isNew: boolean): Partial<Record<keyof Fields, string>> {
  const wrong: Partial<Record<keyof Fields, string>> = {};
  if (!/^[A-Za-z0-9._-]+$/.test(fields.name.trim())) wrong.name = "Letters, digits, dot, dash and underscore";
  if (!/^https?:\/\/[^\s/]+/.test(fields.host.trim()))
    wrong.host = "An address like https://api.us-east-1.mbedcloud.com";
  if (isNew && fields.key.trim() === "") wrong.key = "The service asks for an access key";
  if (fields.proxy.trim() !== "" && !/^(https?|socks5):\/\//.test(fields.proxy.trim()))
    wrong.proxy = "http://, https:// or socks5://";
  if (fields.ca.trim() !== "" && !fields.ca.includes("-----BEGIN CERTIFICATE-----"))
    wrong.ca = "A certificate in PEM form";
  return wrong;
}
