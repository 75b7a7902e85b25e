// Measures the list of devices of a large fleet in the real window and prints one line of JSON. `cargo xtask bench
// window-fleet` starts it on a virtual screen; the number of devices is its argument.

import { Firmdrop, folder, serveDemo } from "../lib/firmdrop.mjs";
import { until } from "../lib/webdriver.mjs";

const DEVICES = Number(process.argv[2]);

/** How long it scrolls. */
const SCROLL_MS = 5_000;
/** A quick hand on the wheel: some rows for each frame. */
const PIXELS_A_FRAME = 200;

/** From the click to the first rows in the page, milliseconds. */
const FIRST_ROWS = `
  const done = arguments[arguments.length - 1];
  const began = performance.now();
  [...document.querySelectorAll(".tabs button")].find((b) => b.textContent.trim().startsWith("Devices")).click();
  const look = () => (document.querySelector(".data-row[data-id]") ? done(performance.now() - began) : requestAnimationFrame(look));
  look()`;

/** Times between frames, milliseconds, and the most rows that were drawn. */
const FRAMES = `
  const [milliseconds, pixels, done] = arguments;
  const box = document.querySelector(".data-rows [role=rowgroup]");
  const began = performance.now();
  const times = [];
  let last = began, most = 0;
  const step = () => {
    const now = performance.now();
    times.push(now - last);
    last = now;
    box.scrollTop += pixels;
    most = Math.max(most, document.querySelectorAll(".data-row[data-id]").length);
    if (now - began < milliseconds) requestAnimationFrame(step);
    else done({ times: times.slice(1), most });
  };
  requestAnimationFrame(step)`;

const LAST_ROW = `
  const box = document.querySelector(".data-rows [role=rowgroup]");
  box.scrollTop = box.scrollHeight;
  return document.querySelector('.data-row[aria-rowindex="' + (arguments[0] + 1) + '"]') !== null`;

const READ = "return Number(document.querySelector('.list-count')?.textContent.replace(/\\D/g, ''))";

/** The value below which this share of them lies. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

async function measure(t) {
  const home = folder(t);
  await serveDemo(t, home, ["--pelion-only", "--devices", String(DEVICES)]);
  const window = await Firmdrop.open(t, { home, args: [] });
  await window.session.keys("g", "c");
  await window.isAt("cloud");
  const firstRows = await window.session.wait(FIRST_ROWS);
  const began = performance.now();
  await until("every device is read", async () => (await window.session.run(READ)) === DEVICES, 120_000);
  const allRead = performance.now() - began + firstRows;
  const still = await window.session.wait(FRAMES, SCROLL_MS, 0);
  const scroll = await window.session.wait(FRAMES, SCROLL_MS, PIXELS_A_FRAME);
  await until("the last row is there", () => window.session.run(LAST_ROW, DEVICES));
  return {
    first_rows_ms: firstRows,
    all_read_ms: allRead,
    still_median_ms: quantile(still.times, 0.5),
    scroll_median_ms: quantile(scroll.times, 0.5),
    scroll_95_ms: quantile(scroll.times, 0.95),
    most_rows: scroll.most,
  };
}

const ends = [];
try {
  console.log(JSON.stringify(await measure({ after: (end) => ends.push(end) })));
} finally {
  for (const end of ends.reverse()) await end();
}
