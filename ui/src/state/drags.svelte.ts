/** Files dragged over the window: where they are, and what they would be dropped onto. */
import { host, type Drag, type OpenFile } from "../ipc";
import { announcer } from "./announce.svelte";
import { bench } from "./bench.svelte";
import { dialogs, type DialogKind } from "./dialogs.svelte";
import { table } from "./files.svelte";

/** Dialogs that lead somewhere, and are as well opened again. Every other one asks for a decision, and waits for it. */
const LEADING: ReadonlySet<DialogKind> = new Set(["palette", "keys", "address"]);

/** Whether files that come in now may take the window. */
function isFree(): boolean {
  if (bench.pin !== null) return false;
  // A page may have drawn a dialog of its own.
  return dialogs.current === null ? document.querySelector("dialog[open]") === null : LEADING.has(dialogs.current.kind);
}

class Drags {
  /** Files are over the window. */
  over = $state(false);
  /** The reader they are over. */
  reader = $state<string | null>(null);

  take(drag: Drag): void {
    const free = isFree();
    if (drag.kind === "leave" || !free) {
      this.over = false;
      this.reader = null;
      if (drag.kind === "drop") refuse(drag.files);
      return;
    }
    this.reader = readerAt(drag.x, drag.y);
    this.over = drag.kind === "over";
    if (drag.kind === "drop") {
      const aim = this.reader ?? undefined;
      this.reader = null;
      if (drag.files.length === 0) {
        // Text or a picture of another window: as a paste of nothing, it asks for a path.
        announcer.interrupt("What was dropped is no file");
        dialogs.open({ kind: "address", text: "" });
        return;
      }
      dialogs.close();
      void table.put(drag.files, aim);
    }
  }
}

/** Says why what was dropped is not opened, where the user looks. */
function refuse(files: readonly OpenFile[]): void {
  const what = files.length > 1 ? `${files.length} files` : "The file";
  const text =
    bench.pin === null
      ? `${what} ${files.length > 1 ? "were" : "was"} not opened. Answer here first, then drop again.`
      : "Operator mode opens no files. Leave it first.";
  announcer.interrupt(text);
  if (bench.pin === null) dialogs.refused = text;
}

/** Rows of readers say in `data-drop-reader` which one they are. */
function readerAt(x: number, y: number): string | null {
  const row = document.elementFromPoint(x, y)?.closest("[data-drop-reader]");
  return row?.getAttribute("data-drop-reader") ?? null;
}

export const drags = new Drags();

/** Files that another start of the program hands over: they were asked for, so they are shown whatever is open. */
export function openFiles(files: OpenFile[]): void {
  if (isFree()) dialogs.close();
  void table.put(files);
}

export function followDrags(): void {
  host().onDrag((drag) => drags.take(drag));
}
