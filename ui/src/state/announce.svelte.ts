/** What a screen reader is given to say. Failures interrupt, everything else waits its turn. */

/** Said once more, an equal text is a new message. */
interface Message {
  number: number;
  text: string;
}

class Announcer {
  polite = $state.raw<Message>({ number: 0, text: "" });
  assertive = $state.raw<Message>({ number: 0, text: "" });

  /** Says it when the screen reader has time. */
  say(text: string): void {
    this.polite = { number: this.polite.number + 1, text };
  }

  /** Says it now. */
  interrupt(text: string): void {
    this.assertive = { number: this.assertive.number + 1, text };
  }
}

export const announcer = new Announcer();
