/** What the dialogs of an account of Azure Device Update are opened with. */
import type { UpdateRow } from "../../ipc";

declare module "../dialogs.svelte" {
  interface DialogKinds {
    "start-deployment": { account: string; update: UpdateRow };
  }
}
