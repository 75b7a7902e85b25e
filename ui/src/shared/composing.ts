/** Keys of an input method, which are none of the window's. */

/** The key belongs to an input method, which has not ended its word yet. WebKit ends it before the key that does so: 229 is that key. */
export function isComposing(event: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else tells that key apart here
  return event.isComposing || event.keyCode === 229;
}
