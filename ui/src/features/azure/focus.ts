/** Where the keyboard goes when the button it pressed is gone. */
import { tick } from "svelte";

/** Into the first of these that is there and can have it, once the page shows what was changed. */
export async function focusOn(...selectors: readonly string[]): Promise<void> {
  await tick();
  for (const selector of selectors) {
    const found = [...document.querySelectorAll<HTMLElement>(selector)].find((each) => !each.matches(":disabled"));
    if (found === undefined) continue;
    found.focus();
    return;
  }
}

/** The same, unless the keyboard is somewhere already. */
export async function focusIfLost(...selectors: readonly string[]): Promise<void> {
  await tick();
  const at = document.activeElement;
  if (at === null || at === document.body || at.matches(":disabled")) await focusOn(...selectors);
}
