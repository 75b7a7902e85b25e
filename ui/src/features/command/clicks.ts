/**
 * Clicks and keys that were meant for what was there before. The second click of a double click, and a key that is held, act only
 * on what took the first: a screen that came up under the pointer starts nothing.
 */

/** What a click belongs to. */
const CONTROL = "button, a, input, select, textarea, summary, [role=row], [data-item]";

let first: Element | null = null;

function controlOf(target: EventTarget | null): Element | null {
  if (!(target instanceof Element)) return null;
  return target.closest("label") ?? target.closest(CONTROL);
}

/** Before anything else hears of a click. */
export function onClickFirst(event: MouseEvent): void {
  const control = controlOf(event.target);
  // Clicks that no mouse made have no number.
  if (event.detail <= 1) {
    if (event.detail === 1) first = control;
    return;
  }
  if (control === null || control === first) return;
  event.stopPropagation();
  event.preventDefault();
}

/** Before anything else hears of a key: a held Enter presses a button once. */
export function onKeyFirst(event: KeyboardEvent): void {
  if (!event.repeat || event.key !== "Enter") return;
  if (event.target instanceof Element && event.target.closest("button, a, summary") !== null) event.preventDefault();
}
