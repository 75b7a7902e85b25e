/** What the dialogs of a Pelion account are opened with. */
import type { OpenFile } from "../../ipc";
import type { CampaignRow } from "../../ipc/pelion";

declare module "../dialogs.svelte" {
  interface DialogKinds {
    "start-campaign": object;
    "manifest-keys": object;
    "send-manifest": { account: string; file: OpenFile };
    "stop-campaign": { account: string; campaign: CampaignRow; ondone?: (() => void) | undefined };
  }
}
