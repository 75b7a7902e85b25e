/** The one dialog that may be open, and who opened it. */
import type { JobId } from "../../ipc";
import type { CampaignRow } from "../../ipc";

export type Asked =
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "address"; text: string }
  | { kind: "add-reader" }
  | { kind: "stop"; job: JobId }
  | { kind: "close"; running: number }
  | { kind: "delete"; deletion: Deletion }
  | { kind: "start-campaign" }
  | { kind: "manifest-keys" }
  | { kind: "send-manifest"; account: string; path: string }
  | { kind: "stop-campaign"; account: string; campaign: CampaignRow };

/** Something that is about to be deleted at a service. */
export interface Deletion {
  /** `the image “gateway 6.9”`. */
  what: string;
  id: string;
  /** What the button says. */
  button: string;
  consequence: string;
  send: () => Promise<void>;
}

class Dialogs {
  current = $state.raw<Asked | null>(null);

  open(asked: Asked): void {
    this.current = asked;
  }

  close(): void {
    this.current = null;
  }
}

export const dialogs = new Dialogs();
