/** Paths and addresses from the clipboard. */
import { clipboardText } from "../../shared/clipboard";
import { pathsIn, table } from "../../state/files.svelte";
import { dialogs } from "../frame/dialogs.svelte";
import { isTyping } from "./focus";

const ABSOLUTE = /^(\/|[a-z]:[\\/]|\\\\|https?:\/\/)/i;

/** Takes what looks like paths or addresses; asks where it cannot tell. */
export function takeText(text: string): void {
  const paths = pathsIn(text);
  if (paths.length > 0 && paths.every((path) => ABSOLUTE.test(path))) void table.put(paths);
  else dialogs.open({ kind: "address", text: text.trim().split("\n")[0] ?? "" });
}

/** The Paste button. A web view that does not show its clipboard gets a field to paste into. */
export async function pasteFromClipboard(): Promise<void> {
  takeText((await clipboardText()) ?? "");
}

/** Ctrl+V anywhere but in a field. */
export function onPaste(event: ClipboardEvent): void {
  if (isTyping(event.target) || document.querySelector("dialog[open]") !== null) return;
  const text = event.clipboardData?.getData("text/uri-list") || event.clipboardData?.getData("text/plain");
  if (!text) return;
  event.preventDefault();
  takeText(text);
}
