/** The one list of protocols that readers are spoken to with: how their addresses are written. */

export interface Protocol {
  /** The first part of an address. */
  id: string;
  /** Addresses to copy from, the usual one first. */
  examples: readonly string[];
}

export const PROTOCOLS: readonly Protocol[] = [
  { id: "smp", examples: ["smp+udp:192.168.1.20:1337", "smp+serial:/dev/ttyACM0?baud=115200"] },
];
