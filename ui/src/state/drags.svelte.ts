/** Files dragged over the window: where they are, and what they would be dropped onto. */
import { host, type Drag } from "../ipc";
import { table } from "./files.svelte";

class Drags {
  /** Files are over the window. */
  over = $state(false);
  /** The reader they are over. */
  reader = $state<string | null>(null);

  take(drag: Drag): void {
    if (drag.kind === "leave") {
      this.over = false;
      this.reader = null;
      return;
    }
    this.reader = readerAt(drag.x, drag.y);
    this.over = drag.kind === "over";
    if (drag.kind === "drop") {
      const aim = this.reader ?? undefined;
      this.reader = null;
      void table.put(drag.files, aim);
    }
  }
}

/** Rows of readers say in `data-drop-reader` which one they are. */
function readerAt(x: number, y: number): string | null {
  const row = document.elementFromPoint(x, y)?.closest("[data-drop-reader]");
  return row?.getAttribute("data-drop-reader") ?? null;
}

export const drags = new Drags();

export function followDrags(): void {
  host().onDrag((drag) => drags.take(drag));
}
