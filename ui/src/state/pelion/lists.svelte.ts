/** The lists of one cloud account: read when they are first shown, and again on request. */
import { untrack } from "svelte";
import type { DeviceRow } from "../../ipc";
import {
  pelion,
  type CampaignRow,
  type DeviceGroup,
  type ImageRow,
  type ManifestRow,
  type SavedQuery,
  type UploadRow,
} from "../../ipc/pelion";
import { accounts } from "../accounts.svelte";
import { jobs } from "../jobs.svelte";
import { FilterEdit } from "./filter.svelte";
import { Pages } from "./pages.svelte";
import { KIND } from "./routes";

export class CloudLists {
  readonly account: string;
  readonly uploads: Pages<UploadRow>;
  readonly images: Pages<ImageRow>;
  readonly manifests: Pages<ManifestRow>;
  readonly campaigns: Pages<CampaignRow>;
  readonly devices: Pages<DeviceRow>;
  readonly queries: Pages<SavedQuery>;
  readonly groups: Pages<DeviceGroup>;
  /** Which devices are shown. */
  readonly filter: FilterEdit;
  /** The group whose devices are shown instead. */
  group = $state.raw<DeviceGroup | null>(null);

  constructor(account: string) {
    this.account = account;
    const service = pelion();
    // What a person made last is what they look for first.
    const newest = { newest_first: true };
    this.uploads = new Pages((ask) => service.uploadJobs(account, { ...ask, ...newest }));
    this.images = new Pages((ask) => service.images(account, { ...ask, ...newest }));
    this.manifests = new Pages((ask) => service.manifests(account, { ...ask, ...newest }));
    this.campaigns = new Pages((ask) => service.campaigns(account, { ...ask, ...newest }));
    this.queries = new Pages(() => whole(service.savedQueries(account)));
    this.groups = new Pages(() => whole(service.groups(account)));
    this.filter = new FilterEdit(() => void this.devices.load());
    this.devices = new Pages((ask) =>
      this.group === null
        ? service.devices(account, { ...ask, filter: this.filter.read })
        : service.groupDevices(account, this.group.id, ask),
    );
  }

  /** Shows the devices of a group; a filter does not reach into one. */
  showGroup(group: DeviceGroup | null): void {
    this.group = group;
    void this.devices.load();
  }
}

/** A list that comes in one piece. */
async function whole<T>(list: Promise<T[]>): Promise<{ data: T[]; has_more: boolean; total_count: number }> {
  const data = await list;
  return { data, has_more: false, total_count: data.length };
}

class Clouds {
  #known: CloudLists[] = [];
  #times = $state(0);

  /** The lists of an account; the same ones every time. */
  of(account: string): CloudLists {
    // Whoever shows lists hears of it when they are forgotten.
    const known = this.#times < 0 ? undefined : this.#known.find((lists) => lists.account === account);
    if (known !== undefined) return known;
    // Asked for inside of something derived, it must not become a part of it.
    const made = untrack(() => new CloudLists(account));
    this.#known = [...this.#known, made];
    return made;
  }

  /** Reads what a delivery to the account changes. */
  refresh(account: string): void {
    const lists = this.#known.find((each) => each.account === account);
    for (const pages of lists === undefined ? [] : [lists.uploads, lists.images, lists.manifests, lists.campaigns])
      pages.refresh();
  }

  /** Forgets what was read. */
  forget(): void {
    this.#known = [];
    this.#times += 1;
  }
}

export const clouds = new Clouds();

accounts.onChange(() => clouds.forget());
// What a job of ours stores there is in the lists at once.
jobs.onStep(({ destination }) => {
  if (destination.startsWith(`${KIND}:`)) clouds.refresh(destination.slice(KIND.length + 1));
});
