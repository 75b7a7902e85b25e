/** Every icon: 16 × 16, 1.5 px stroke, `currentColor`. Drawn as path data, so that no markup is injected. */
export interface Drawing {
  paths: readonly string[];
  /** Drawn faintly: the part that is not reached yet. */
  faint?: readonly string[];
  /** Filled softly behind the strokes. */
  soft?: string;
  dash?: string;
}

const CIRCLE = "M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5z";
const READER_BODY =
  "M4.75 1.75h6.5a1.5 1.5 0 0 1 1.5 1.5v9.5a1.5 1.5 0 0 1-1.5 1.5h-6.5a1.5 1.5 0 0 1-1.5-1.5v-9.5a1.5 1.5 0 0 1 1.5-1.5z";

export const ICONS = {
  deliver: {
    paths: ["M8 1.75v7.5M4.75 6.25 8 9.5l3.25-3.25M1.75 10.5v2.25c0 .83.67 1.5 1.5 1.5h9.5c.83 0 1.5-.67 1.5-1.5V10.5"],
  },
  readers: { paths: [READER_BODY, "M6 11.75h4M5.9 7.6a3 3 0 0 1 4.2 0M7.2 9h1.6M4.9 5.6a4.7 4.7 0 0 1 6.2 0"] },
  bench: {
    paths: [
      "M2.75 1.75h3a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1zM10.25 1.75h3a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1z",
      "M2.75 9.25h3a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1zM10.25 9.25h3a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1z",
    ],
  },
  plug: { paths: ["M8 2v8M4.75 7 8 10.25 11.25 7M2.75 13.5h10.5"] },
  equal: { paths: [CIRCLE, "M5.25 6.75h5.5M5.25 9.25h5.5"] },
  cloud: { paths: ["M4.5 12.75a3 3 0 0 1-.3-5.98 4 4 0 0 1 7.7.73 2.65 2.65 0 0 1-.4 5.25z"] },
  activity: { paths: ["M1.75 8h2.5l2-5.25 3.5 10.5 2-5.25h2.5"] },
  doctor: { paths: ["M1.75 8.5h3l1.5-3 2.5 5.5 1.75-4 .75 1.5h3", CIRCLE] },
  settings: {
    paths: [
      "M1.75 4.5h6.5M12.25 4.5h2M1.75 11.5h2M7.75 11.5h6.5",
      "M10.25 2.5a2 2 0 1 1 0 4a2 2 0 1 1 0-4zM5.75 9.5a2 2 0 1 1 0 4a2 2 0 1 1 0-4z",
    ],
  },
  help: { paths: [CIRCLE, "M6.2 6.2a1.9 1.9 0 1 1 2.6 1.8c-.5.2-.8.6-.8 1.1v.2M8 11.4v.1"] },
  mark: { paths: ["M2.75 2.75h10.5M8 5.5v7.25M4.5 9.5 8 13l3.5-3.5"] },
  search: { paths: ["M7 2.25a4.75 4.75 0 1 1 0 9.5a4.75 4.75 0 1 1 0-9.5z", "m10.5 10.5 3.75 3.75"] },
  down: { paths: ["m4.5 6.25 3.5 3.5 3.5-3.5"] },
  up: { paths: ["m4.5 9.75 3.5-3.5 3.5 3.5"] },
  bell: { paths: ["M3.75 11.25V7a4.25 4.25 0 0 1 8.5 0v4.25l1 1H2.75zM6.75 14.25h2.5"] },
  right: { paths: ["m6.25 4.5 3.5 3.5-3.5 3.5"] },
  left: { paths: ["m9.75 4.5-3.5 3.5 3.5 3.5"] },
  ok: { paths: [CIRCLE, "m5.25 8.25 2 2 3.6-4.1"], soft: CIRCLE },
  no: { paths: ["M5.4 1.75h5.2l3.65 3.65v5.2l-3.65 3.65H5.4L1.75 10.6V5.4z", "m5.9 5.9 4.2 4.2M10.1 5.9l-4.2 4.2"] },
  warn: { paths: ["M8 2.25 14.5 13.5h-13z", "M8 6.5v3M8 11.4v.1"] },
  ask: { paths: ["M6.4 6.4a1.7 1.7 0 1 1 2.3 1.6c-.5.2-.7.5-.7 1M8 11.2v.1"], dash: CIRCLE },
  gone: { paths: [], dash: CIRCLE },
  sent: { paths: [CIRCLE, "M8 11V5.25M5.5 7.5 8 5l2.5 2.5"] },
  run: { paths: ["M8 1.75a6.25 6.25 0 0 1 5.4 9.4"], faint: [CIRCLE] },
  wait: { paths: [CIRCLE] },
  pause: { paths: ["M5.5 3.5v9M10.5 3.5v9"] },
  stop: { paths: ["M3.75 3.75h8.5v8.5h-8.5z"] },
  resume: { paths: ["M2.75 8a5.25 5.25 0 1 0 1.7-3.85L2.75 5.75M2.75 2.5v3.25H6"] },
  tick: { paths: ["m3.25 8.5 3 3 6.5-7"] },
  plus: { paths: ["M8 3v10M3 8h10"] },
  close: { paths: ["m4 4 8 8M12 4l-8 8"] },
  image: { paths: ["M3.25 2.75a1 1 0 0 1 1-1h5l3.5 3.5v8a1 1 0 0 1-1 1h-7.5a1 1 0 0 1-1-1zM9.25 1.75v3.5h3.5"] },
  usb: {
    paths: [
      "M5.5 6.25h5a1.25 1.25 0 0 1 1.25 1.25v5.5a1.25 1.25 0 0 1-1.25 1.25h-5a1.25 1.25 0 0 1-1.25-1.25v-5.5a1.25 1.25 0 0 1 1.25-1.25z",
      "M5.75 6.25v-4.5h4.5v4.5M7.25 3.9h.01M8.75 3.9h.01",
    ],
  },
  ble: { paths: ["m4.5 5 7 6L8 14.25V1.75L11.5 5l-7 6"] },
  net: { paths: [CIRCLE, "M1.75 8h12.5M8 1.75c4 4 4 8.5 0 12.5M8 1.75c-4 4-4 8.5 0 12.5"] },
  serial: { paths: ["M1.75 4.75h12.5l-1.5 6.5h-9.5zM5 7.25h.01M8 7.25h.01M11 7.25h.01M6.5 9.25h.01M9.5 9.25h.01"] },
  sim: { paths: ["M6.5 8h3"], dash: READER_BODY },
  lock: {
    paths: [
      "M4.5 7h7a1.25 1.25 0 0 1 1.25 1.25v4.75a1.25 1.25 0 0 1-1.25 1.25h-7a1.25 1.25 0 0 1-1.25-1.25v-4.75A1.25 1.25 0 0 1 4.5 7z",
      "M5.25 7V4.75a2.75 2.75 0 0 1 5.5 0V7",
    ],
  },
} as const satisfies Record<string, Drawing>;

export type IconName = keyof typeof ICONS;
