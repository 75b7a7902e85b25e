/** The host the window talks to; set once, before anything is drawn. */
import type { Host } from "./host";

export type * from "./bindings";
export type { Drag, Host } from "./host";

let current: Host | undefined;

/** Sets the host. Tests set their own. */
export function useHost(host: Host): void {
  current = host;
}

/** The host. */
export function host(): Host {
  if (current === undefined) throw new Error("no host was set");
  return current;
}
