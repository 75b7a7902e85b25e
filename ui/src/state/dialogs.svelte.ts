/** The one dialog that may be open, and what it was opened with. Which component draws it is in `dialogs.ts`. */
import type { JobId } from "../ipc";

/** What each dialog is opened with. A service declares its own in its folder. */
export interface DialogKinds {
  palette: object;
  keys: object;
  address: { text: string };
  "add-reader": object;
  stop: { job: JobId };
  close: { running: number };
  delete: { deletion: Deletion };
}

export type DialogKind = keyof DialogKinds;
export type OpenDialog = { [K in DialogKind]: { kind: K } & DialogKinds[K] }[DialogKind];

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
  current = $state.raw<OpenDialog | null>(null);
  /** What was not done because a dialog asks for a decision first; emptied by each dialog that opens. */
  refused = $state("");

  open(dialog: OpenDialog): void {
    this.current = dialog;
  }

  close(): void {
    this.current = null;
  }
}

export const dialogs = new Dialogs();
