/** What an open dialog says of something that it kept from being done; the window provides it to every dialog. */
import { getContext, setContext } from "svelte";

export interface Refusal {
  /** Empty when nothing was refused since the dialog was opened. */
  refused: string;
}

const KEY = Symbol("refusal");

export function provideRefusal(refusal: Refusal): void {
  setContext(KEY, refusal);
}

/** That of the window; one of its own for a dialog that is drawn alone. */
export function refusalHere(): Refusal {
  return getContext<Refusal | undefined>(KEY) ?? { refused: "" };
}
