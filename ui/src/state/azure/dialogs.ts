/** What the dialogs of an account of Azure Device Update are opened with. */
import type { ClassRow, UpdateRow } from "../../ipc";

declare module "../dialogs.svelte" {
  interface DialogKinds {
    "start-deployment": { account: string; update: UpdateRow; group?: string };
    "collect-logs": { account: string; devices: readonly string[] };
    "explain-code": { text: string };
    "rename-class": { account: string; row: ClassRow };
  }
}
