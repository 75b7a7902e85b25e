/** Where the user is. One window needs no URL. */

/** The places of the rail, and what is opened inside them. */
export type Route =
  | { place: "deliver" }
  | { place: "verdict"; file?: number | undefined }
  | { place: "plan" }
  | { place: "readers"; reader?: string | undefined }
  | { place: "bench" }
  | { place: "activity"; job?: string | undefined }
  | { place: "job"; job: string; log?: boolean | undefined }
  | { place: "cloud"; tab?: string | undefined; item?: string | undefined }
  | ({ place: "page" } & Page)
  | { place: "settings"; account?: string | undefined }
  | { place: "doctor" }
  | { place: "help" };

/** A page of a service's own, by the kind of the service; `clouds.ts` names them. */
export interface Page {
  kind: string;
  page: string;
  account: string;
  item?: string | undefined;
}

export type Place = Route["place"];

const REMEMBERED = 30;

class Router {
  route = $state.raw<Route>({ place: "deliver" });
  #trail: Route[] = [];

  /** Goes there, and remembers the way back. */
  go(route: Route): void {
    this.#trail = [...this.#trail, this.route].slice(-REMEMBERED);
    this.route = route;
  }

  /** Goes there without a way back to here. */
  replace(route: Route): void {
    this.route = route;
  }

  /** One step back; to Deliver when there is none. */
  back(): void {
    this.route = this.#trail.pop() ?? { place: "deliver" };
  }
}

export const router = new Router();

/** The place of the rail a route belongs to. */
export function railPlace(place: Place): Place {
  if (place === "verdict" || place === "plan") return "deliver";
  if (place === "page") return "cloud";
  return place === "job" ? "activity" : place;
}
