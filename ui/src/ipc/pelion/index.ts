/** A Pelion account, by the shell or by what stands in for it. */
import { host } from "..";
import type { PelionHost } from "./host";
import { tauriPelion } from "./tauri";

export type * from "./host";

/** The commands of the shell, or what stands in for them. */
export function pelion(): PelionHost {
  return (host().services?.["pelion"] as PelionHost | undefined) ?? tauriPelion;
}
