/** The pages of a Pelion account, as routes. */
import type { Route } from "../route.svelte";

type PageName = "campaign" | "compose" | "new-manifest";

export const KIND = "pelion";

export function pageOf(page: PageName, account: string, item?: string): Route {
  return { place: "page", kind: KIND, page, account, item };
}
