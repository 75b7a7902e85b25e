/** Where the keyboard is: lists, regions, the selected job. Screens mark their parts with data attributes. */
import { tick } from "svelte";
import type { JobId } from "../../ipc";
import { router } from "../../state/route.svelte";

/** The job under the keyboard, or the one that is open. */
export function currentJob(): JobId | undefined {
  const marked = document.activeElement?.closest("[data-job]")?.getAttribute("data-job");
  if (marked) return marked;
  const route = router.route;
  return route.place === "job" || route.place === "activity" ? route.job : undefined;
}

/** Moves the focus in the list it is in, or into the first list of the screen. Returns whether there was one. */
export function moveInList(step: 1 | -1): boolean {
  const focused = document.activeElement;
  const lists = [...document.querySelectorAll<HTMLElement>(".main [data-list]")].filter(
    (list) => list.offsetParent !== null && list.querySelector("[data-item]") !== null,
  );
  const list = lists.find((candidate) => candidate.contains(focused)) ?? lists[0];
  if (list === undefined) return false;
  const items = [...list.querySelectorAll<HTMLElement>("[data-item]")];
  const at = items.findIndex((item) => item.contains(focused));
  const next = at < 0 ? selectedOrFirst(items) : items[at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

/** How far a key of a long list goes. */
export type Jump = "first" | "last" | "page up" | "page down";

/**
 * Moves the focus to an end of the list it is in, or a page on. Rows that cannot be seen are not drawn: the list is scrolled
 * first, and the row that is there then takes the keyboard. Returns whether there was a list.
 */
export function jumpInList(jump: Jump): boolean {
  const list = document.activeElement?.closest<HTMLElement>(".main [data-list]");
  if (list === null || list === undefined) return false;
  const before = list.scrollTop;
  const page = Math.max(1, list.clientHeight - KEPT_OF_PAGE);
  if (jump === "first") list.scrollTop = 0;
  else if (jump === "last") list.scrollTop = list.scrollHeight;
  else list.scrollTop += jump === "page up" ? -page : page;
  const isAtEnd = list.scrollTop === before;
  const take = () => {
    const items = [...list.querySelectorAll<HTMLElement>("[data-item]")];
    const { top, bottom } = list.getBoundingClientRect();
    const seen = items.filter((item) => {
      const box = item.getBoundingClientRect();
      return box.top >= top - 1 && box.bottom <= bottom + 1;
    });
    const isUp = jump === "first" || jump === "page up";
    const wanted = isUp ? (isAtEnd ? items[0] : seen[0]) : isAtEnd ? items.at(-1) : seen.at(-1);
    (wanted ?? (isUp ? items[0] : items.at(-1)))?.focus({ preventScroll: true });
  };
  if (isAtEnd) take();
  else list.addEventListener("scroll", () => void tick().then(take), { once: true });
  return true;
}

/** Pixels of a page that stay in view, so that nobody loses the row they were at. */
const KEPT_OF_PAGE = 32;

function selectedOrFirst(items: HTMLElement[]): HTMLElement | undefined {
  return items.find((item) => item.getAttribute("aria-selected") === "true") ?? items[0];
}

/** Moves the focus to the next or the previous region of the window. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  // With the keyboard nowhere, back is the last one.
  const next = at < 0 && step < 0 ? regions.at(-1) : regions[(at + step + regions.length) % regions.length];
  next?.focus();
}

/** Ticks or unticks the box of the row the keyboard is on. */
export function toggleTick(): boolean {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !focused.matches("[data-item]")) return false;
  const tick = focused.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (tick === null) return false;
  tick.click();
  return true;
}

/** Presses the one primary act of the screen. */
export function pressPrimary(): void {
  document.querySelector<HTMLButtonElement>("[data-primary]:not([disabled])")?.click();
}

/** Puts the keyboard into the filter of the screen. */
export function focusFilter(): boolean {
  const filter = document.querySelector<HTMLInputElement>(".main [data-filter]");
  filter?.focus();
  filter?.select();
  return filter !== null;
}

/** Letters belong to the field they are typed into. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
