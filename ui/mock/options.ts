/** What the page's stand-in for the program is started with, as the page's address says. */

export interface MockOptions {
  empty: boolean;
  /** Devices of every account. */
  devices?: number;
  demo: boolean;
  theme: "dark" | "light";
  /** The account that is shown. */
  account?: string | null;
  /** The files that the file dialog picks. */
  picks?: string[];
}

export function optionsOfAddress(): MockOptions {
  const query = new URLSearchParams(location.search);
  return {
    empty: query.has("empty"),
    devices: Number(query.get("devices") ?? 5_310),
    demo: query.has("demo"),
    account: query.get("account"),
    picks: query.getAll("pick"),
    theme: query.get("theme") === "light" ? "light" : "dark",
  };
}
