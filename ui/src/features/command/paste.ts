/** Ctrl+V anywhere but in a field. */
import { bench } from "../../state/bench.svelte";
import { takeText } from "../../state/paste";
import { isTyping } from "./focus";

export function onPaste(event: ClipboardEvent): void {
  if (isTyping(event.target) || document.querySelector("dialog[open]") !== null || bench.pin !== null) return;
  const text = event.clipboardData?.getData("text/uri-list") || event.clipboardData?.getData("text/plain");
  if (!text) return;
  event.preventDefault();
  takeText(text);
}
