/** What waits for the end of a click: whatever moves the page before would take the button from under the pointer. */
export class ClickEnd {
  #isDown = false;
  #waiting: (() => void)[] = [];

  down(): void {
    this.#isDown = true;
  }

  /** The pointer is up, or no longer ours. Its click arrives before what waits is done. */
  up(): void {
    this.#isDown = false;
    setTimeout(() => {
      for (const act of this.#waiting.splice(0)) act();
    });
  }

  /** Does it at once while no pointer is down, else after the click. */
  after(act: () => void): void {
    if (this.#isDown) this.#waiting.push(act);
    else act();
  }
}
