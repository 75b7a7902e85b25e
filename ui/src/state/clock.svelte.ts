/** The time, every second, whatever happens to jobs: of the day, and one that nobody sets. */

const TICK_MS = 1000;

class Clock {
  /** Milliseconds since 1970. */
  now = $state(Date.now());
  /** Milliseconds of a clock that only runs on: durations are measured by it, so that setting the computer's clock is no silence. */
  steady = $state(performance.now());

  constructor() {
    setInterval(() => {
      this.now = Date.now();
      this.steady = performance.now();
    }, TICK_MS);
  }
}

export const clock = new Clock();
