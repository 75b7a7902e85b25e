/** The time, as a clock on the wall shows it: it moves every second, whatever happens to jobs. */

const TICK_MS = 1000;

class Clock {
  /** Milliseconds since 1970. */
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), TICK_MS);
  }
}

export const clock = new Clock();
