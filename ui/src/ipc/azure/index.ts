/** Azure Device Update, by the shell or by what stands in for it. */
import { host } from "..";
import type { AzureHost } from "./host";
import { tauriAzure } from "./tauri";

export type * from "./host";

/** The commands of the shell, or what stands in for them. */
export function azure(): AzureHost {
  return (host().services?.["adu"] as AzureHost | undefined) ?? tauriAzure;
}
