/** What the page's stand-in for the program is started with, as the page's address says. */

export interface MockOptions {
  empty: boolean;
  /** Devices of every account. */
  devices?: number;
  demo: boolean;
  theme: "dark" | "light";
}

export function optionsOfAddress(): MockOptions {
  const query = new URLSearchParams(location.search);
  return {
    empty: query.has("empty"),
    devices: Number(query.get("devices") ?? 5_310),
    demo: query.has("demo"),
    theme: query.get("theme") === "light" ? "light" : "dark",
  };
}
