/** What the dialogs of a Pelion account are opened with. */
import type { CampaignRow } from "../../ipc/pelion";

declare module "../dialogs.svelte" {
  interface DialogKinds {
    "start-campaign": object;
    "manifest-keys": object;
    "send-manifest": { account: string; path: string };
    "stop-campaign": { account: string; campaign: CampaignRow; ondone?: (() => void) | undefined };
  }
}
