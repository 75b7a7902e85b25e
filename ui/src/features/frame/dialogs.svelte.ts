/** The one dialog that may be open, and who opened it. */
import type { JobId } from "../../ipc";

export type Asked =
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "address"; text: string }
  | { kind: "add-reader" }
  | { kind: "stop"; job: JobId }
  | { kind: "close"; running: number };

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
