/** Paths and addresses in a pasted text. */
import { dialogs } from "./dialogs.svelte";
import { table } from "./files.svelte";
import { pathsIn } from "./pathsIn";

const ABSOLUTE = /^(\/|[a-z]:[\\/]|\\\\|https?:\/\/)/i;

/** Opens what looks like paths or addresses; asks where the text is neither. */
export function takeText(text: string): void {
  const paths = pathsIn(text);
  if (paths.length > 0 && paths.every((path) => ABSOLUTE.test(path))) void table.putTexts(paths);
  else dialogs.open({ kind: "address", text: paths.join("\n") });
}

/** The Paste button. A web view that does not show its clipboard gets a field to paste into. */
export async function pasteFromClipboard(): Promise<void> {
  takeText((await clipboardText()) ?? "");
}

async function clipboardText(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}
