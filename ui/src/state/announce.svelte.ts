/** What is said to a screen reader. Failures interrupt, everything else waits its turn. */

class Announcer {
  polite = $state("");
  assertive = $state("");

  /** Says it when the screen reader has time. */
  say(text: string): void {
    this.polite = text;
  }

  /** Says it now. */
  interrupt(text: string): void {
    this.assertive = text;
  }
}

export const announcer = new Announcer();
