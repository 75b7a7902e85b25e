/** The campaign a person is putting together, and whom it would touch. */
import { type BlastRadius, type CampaignDraftRequest, type Diagnosis, type Filter, type Strategy } from "../../ipc";
import { pelion, type CampaignRow } from "../../ipc/pelion";
import { announcer } from "../announce.svelte";
import { characters } from "../characters";
import { diagnosisOf } from "../problem";
import { pageOf } from "./routes";
import { router } from "../route.svelte";
import { FilterEdit } from "./filter.svelte";
import { clouds } from "./lists.svelte";

/** What the service allows; it counts characters. */
export const CAMPAIGN_NAME_LIMIT = 128;
/** Up to so many devices, whom it would touch is found out without being asked for. */
const LOOK_BY_ITSELF = 5_000;
const SETTLE_MS = 500;

/** Longest address the service lists devices for; what is not the filter takes a little of it. */
const LONGEST_ADDRESS = 4096;
const REST_OF_ADDRESS = 396;
/** `&`, `__`, an operator and `=`, escaped. */
const REST_OF_CONDITION = 16;

/** One campaign that is not started yet. */
export class Composition {
  readonly account: string;
  /** Its id, once the service holds it as a draft. */
  id = $state<string | null>(null);
  name = $state("");
  description = $state("");
  manifest = $state<string | null>(null);
  strategy = $state<Strategy>("one-shot");
  autostop = $state(true);
  percent = $state(100);
  readonly filter: FilterEdit;
  /** How many devices match now. */
  count = $state<number | null>(null);
  counting = $state(false);
  countProblem = $state.raw<Diagnosis | null>(null);
  radius = $state.raw<BlastRadius | null>(null);
  /** The radius is of what is on the screen. */
  fresh = $state(false);
  looking = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  busy = $state(false);
  /** The service holds it as it is on the screen. */
  saved = $state(false);
  #settling: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;

  constructor(account: string) {
    this.account = account;
    this.filter = new FilterEdit(() => this.changed());
  }

  readonly nameProblem = $derived.by(() => {
    if (characters(this.name) > CAMPAIGN_NAME_LIMIT) return `At most ${CAMPAIGN_NAME_LIMIT} characters`;
    return this.name.trim() === "" ? "A campaign needs a name" : undefined;
  });

  /** What stands between the conditions on the screen and the filter that counts. */
  readonly filterProblem: string[] = $derived.by(() => {
    if (this.filter.error !== null || this.filter.problem !== null) return ["The filter cannot be read"];
    return this.filter.incomplete.length > 0 ? ["A condition has no value"] : [];
  });
  readonly percentProblem = $derived.by(() => {
    const whole = Number.isInteger(this.percent) && this.percent >= 1 && this.percent <= 100;
    return this.autostop && !whole ? "Auto-stop needs a whole percentage from 1 to 100" : undefined;
  });
  /** Why not even a draft can be stored: what it held would not be what the screen shows. */
  readonly unstorable: string | undefined = $derived.by(
    () => this.nameProblem ?? this.filterProblem[0] ?? this.percentProblem,
  );

  readonly wanted = $derived.by(() => ({
    name: this.name.trim(),
    description: this.description,
    device_filter: this.filter.read,
    root_manifest_id: this.manifest,
    autostop: this.autostop,
    autostop_success_percent: this.percent,
  }));

  /** Why it cannot be started, before the service says so. */
  readonly missing: string[] = $derived.by(() => [
    ...(this.nameProblem === undefined ? [] : [this.nameProblem]),
    ...(this.manifest === null ? ["Choose a manifest"] : []),
    ...(this.filter.read === "" ? ["Select devices"] : []),
    ...this.filterProblem,
    ...(this.percentProblem === undefined ? [] : [this.percentProblem]),
  ]);
  readonly blockers: string[] = $derived.by(() => [
    ...this.missing,
    ...(this.fresh && this.radius !== null
      ? this.radius.blockers
          .filter((note) => !["filter_missing", "manifest_missing"].includes(note.key))
          .map((note) => note.text)
      : []),
  ]);
  /** The number to be typed is known, and nothing that is known stands in the way. */
  readonly startable: boolean = $derived.by(
    () => this.blockers.length === 0 && this.fresh && this.radius !== null && !this.looking && !this.busy,
  );

  /** Takes what a copy of another campaign says. */
  like(draft: CampaignDraftRequest): void {
    this.name = draft.name;
    this.description = draft.description ?? "";
    this.manifest = draft.root_manifest_id ?? null;
    this.strategy = draft.campaign_strategy ?? "one-shot";
    this.autostop = draft.autostop ?? true;
    this.percent = draft.autostop_success_percent ?? 100;
    void this.filter.take(draft.device_filter ?? "");
  }

  /** Something was changed that decides whom it touches. */
  changed(): void {
    this.fresh = false;
    this.saved = false;
    // What was requested for the filter of before says nothing of this one, however late it comes.
    this.#latest += 1;
    // The number of before is that of another filter.
    this.counting = this.filter.read !== "";
    this.looking = false;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#count(), SETTLE_MS);
  }

  /** Why the devices of other campaigns cannot be taken out of the filter; `undefined` when they can. */
  readonly overlapStays: string | undefined = $derived.by(() => {
    const overlap = this.radius?.in_other_campaigns;
    if (overlap === undefined || overlap.count === 0) return undefined;
    if (overlap.count > overlap.sample.length)
      return `Only ${overlap.sample.length} of them are named, so that a filter cannot leave out all ${overlap.count}. Narrow the filter, or wait for the other campaign.`;
    if (this.filterProblem[0] !== undefined) return `${this.filterProblem[0]}.`;
    const length = this.#without(overlap.sample).reduce(
      (sum, each) => sum + each.field.length + encodeURIComponent(each.value).length + REST_OF_CONDITION,
      0,
    );
    return length > LONGEST_ADDRESS - REST_OF_ADDRESS
      ? "With their ids the filter would be longer than the service takes. Narrow it by another attribute."
      : undefined;
  });

  /** Leaves the devices of other campaigns out of the filter; whom it touches is then found out again. */
  excludeOverlap(): void {
    const overlap = this.radius?.in_other_campaigns;
    if (overlap === undefined || this.overlapStays !== undefined) return;
    this.filter.change(this.#without(overlap.sample));
  }

  /** The conditions with these devices left out; ids that are left out already stay so. */
  #without(devices: readonly { id: string }[]): Filter[] {
    const isThat = (each: Filter) => each.field === "id" && each.operator === "not_in";
    const known = this.filter.conditions.find(isThat)?.value.split(",") ?? [];
    const more = devices.map(({ id }) => id).filter((id) => !known.includes(id));
    return [
      ...this.filter.conditions.filter((each) => !isThat(each)),
      { field: "id", operator: "not_in", value: [...known, ...more].join(",") },
    ];
  }

  /** Something was changed that touches nobody else. */
  renamed(): void {
    this.saved = false;
  }

  async #count(): Promise<void> {
    const mine = ++this.#latest;
    const text = this.filter.read;
    this.countProblem = null;
    this.looking = false;
    if (text === "") {
      this.count = null;
      this.radius = null;
      return;
    }
    this.counting = true;
    try {
      const count = await pelion().countDevices(this.account, text);
      if (mine !== this.#latest) return;
      this.count = count;
      this.counting = false;
      if (this.manifest !== null && this.count <= LOOK_BY_ITSELF) void this.look();
    } catch (error) {
      if (mine === this.#latest) this.countProblem = diagnosisOf(error);
    } finally {
      if (mine === this.#latest) this.counting = false;
    }
  }

  /** Finds out whom it would touch. Only reads. */
  async look(): Promise<void> {
    const mine = ++this.#latest;
    this.counting = false;
    this.looking = true;
    this.countProblem = null;
    try {
      const radius = await pelion().blastRadius(this.account, {
        filter: this.filter.read,
        strategy: this.strategy,
        manifest_id: this.manifest,
        campaign_id: this.id,
      });
      if (mine !== this.#latest) return;
      this.radius = radius;
      this.count = radius.expected_devices;
      this.fresh = true;
      announcer.say(
        `${radius.expected_devices} ${radius.expected_devices === 1 ? "device matches" : "devices match"}, ${radius.fits.count} will accept it`,
      );
    } catch (error) {
      if (mine === this.#latest) this.countProblem = diagnosisOf(error);
    } finally {
      if (mine === this.#latest) this.looking = false;
    }
  }

  /** Stores it at the service as a draft. Touches no device. */
  async save(): Promise<boolean> {
    if (this.unstorable !== undefined || this.busy) return false;
    return this.#attempt(async () => {
      await this.#put();
    });
  }

  /** Starts it for exactly that many devices; shows it when it began. */
  async start(expected: number): Promise<boolean> {
    if (!this.startable || this.radius?.expected_devices !== expected) return false;
    const began = await this.#attempt(async () => {
      const id = await this.#put();
      const view = await pelion().startCampaign(this.account, id, expected);
      clouds.of(this.account).campaigns.put(view);
      router.replace(pageOf("campaign", this.account, id));
    });
    // The number has changed, or the service refused: whom it touches is found out again.
    if (!began) void this.look();
    return began;
  }

  async #put(): Promise<string> {
    if (this.id !== null && this.saved) return this.id;
    const service = pelion();
    const view: CampaignRow =
      this.id === null
        ? await service.createCampaign(this.account, { ...this.wanted, campaign_strategy: this.strategy })
        : await service.changeCampaign(this.account, this.id, this.wanted);
    this.id = view.id;
    this.saved = true;
    clouds.of(this.account).campaigns.put(view);
    return view.id;
  }

  async #attempt(deed: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      await deed();
      return true;
    } catch (error) {
      this.problem = diagnosisOf(error);
      announcer.interrupt(this.problem.title);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

class Composer {
  draft = $state.raw<Composition | null>(null);

  /** Begins a campaign and shows it. Nothing is sent. */
  open(account: string, begin: (draft: Composition) => void = () => undefined): void {
    const draft = new Composition(account);
    begin(draft);
    this.draft = draft;
    router.go(pageOf("compose", account));
  }
}

export const composer = new Composer();
