/** The pages of an account of Azure Device Update, as routes. */
import type { Route } from "../route.svelte";

type PageName = "import";

export const KIND = "adu";

export function pageOf(page: PageName, account: string, item?: string): Route {
  return { place: "page", kind: KIND, page, account, item };
}

/** An account as a destination. */
export function destinationOf(account: string): string {
  return `${KIND}:${account}`;
}
