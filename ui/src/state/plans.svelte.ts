/** The plans a user is about to confirm: one for each file and destination, each with its own options. */
import { SvelteSet } from "svelte/reactivity";
import {
  host,
  type Confirmation,
  type DeliveryOptionsRequest,
  type Diagnosis,
  type ConfirmationAbout,
  type JobId,
  type OpenFile,
  type Plan,
} from "../ipc";
import { announcer } from "./announce.svelte";
import { diagnosisOf } from "./problem";
import { router } from "./route.svelte";

/** What a kind of destination adds to the options every delivery has. */
export interface DraftRules {
  /** Whether the options are within what the other side allows. */
  allows(options: DeliveryOptionsRequest): boolean;
  /** The options of its own kind, as words of the command line. */
  flags(options: DeliveryOptionsRequest): string[];
}

const NO_RULES: DraftRules = { allows: () => true, flags: () => [] };

/** Something that was ticked and cannot be done: nothing of the delivery is sent until it is changed or unticked. */
export interface Refusal {
  why: string;
  /** Nothing is wrong with it: an answer is still to be given. */
  waits?: boolean;
  /** What the button that unticks it says. */
  button: string;
  untick: () => void;
}

const SETTLE_MS = 300;
let nextId = 1;

/** One delivery that is being planned. */
export class Draft {
  readonly id = nextId++;
  readonly file: OpenFile;
  readonly fileName: string;
  readonly destination: string;
  readonly destinationName: string;
  options = $state.raw<DeliveryOptionsRequest>({});
  plan = $state.raw<Plan | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  busy = $state(false);
  /** What was chosen for it and cannot be done as it is. */
  blocked = $state.raw<Refusal | null>(null);
  /** The user has not left it out. */
  wanted = $state(true);
  /** What was confirmed by itself. */
  readonly confirmed = new SvelteSet<ConfirmationAbout>();
  readonly rules: DraftRules;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;
  #plan = (options: DeliveryOptionsRequest): Promise<Plan[]> =>
    host().plan(this.file.token, [this.destination], options);

  constructor(file: OpenFile, fileName: string, destination: string, destinationName: string, rules = NO_RULES) {
    this.file = file;
    this.fileName = fileName;
    this.destination = destination;
    this.destinationName = destinationName;
    this.rules = rules;
  }

  /** Plans it in another way than one file by itself. */
  plannedBy(plan: (options: DeliveryOptionsRequest) => Promise<Plan[]>): this {
    this.#plan = plan;
    return this;
  }

  /** The options are within what the other side allows. */
  readonly valid = $derived.by(() => this.rules.allows(this.options));

  /** What the user still has to confirm. */
  readonly missing = $derived.by(() =>
    (this.plan?.confirmations ?? []).filter((each) => !this.confirmed.has(each.about)),
  );
  /** Those that are about this destination alone, given or not. */
  readonly own = $derived.by(() => (this.plan?.confirmations ?? []).filter((each) => !isAboutImage(each)));
  /** It is left out until its own confirmations are given; one that is about the image holds back all. */
  readonly included = $derived.by(() => this.wanted && this.missing.every((each) => isAboutImage(each)));
  /** It was ticked and cannot be done. */
  readonly refused = $derived.by((): Refusal | null => {
    if (!this.wanted) return null;
    if (this.problem === null) return this.included ? this.blocked : null;
    const untick = () => (this.wanted = false);
    return { why: `${this.destinationName}: ${this.problem.title}`, button: "Leave it out", untick };
  });

  /**
   * Takes it in or leaves it out. A single confirmation about the versions is the same tick; what else has to be confirmed is
   * only ever confirmed where its consequence stands. Returns the first that is still missing.
   */
  include(on: boolean): Confirmation | undefined {
    const [only, ...others] = this.own;
    if (!on) {
      if (only === undefined) this.wanted = false;
      for (const each of this.own) this.confirmed.delete(each.about);
      return undefined;
    }
    this.wanted = true;
    if (this.problem !== null) void this.make();
    if (only !== undefined && others.length === 0 && isAboutVersions(only)) this.confirmed.add(only.about);
    return this.missing.find((each) => !isAboutImage(each));
  }

  /** Changes options and plans again once typing has settled. */
  change(change: Partial<DeliveryOptionsRequest>): void {
    this.options = { ...this.options, ...change };
    this.busy = true;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.make(), SETTLE_MS);
  }

  /** Has what the destination holds saved before it is written, where that is offered. */
  saveFirst(on: boolean): void {
    const save = this.plan?.save_before;
    if (save?.save === "offered") this.change({ [save.option]: on ? save.value : undefined });
  }

  /** Plans with the present options. Only the last answer counts. */
  async make(): Promise<void> {
    clearTimeout(this.#settling);
    const mine = ++this.#latest;
    this.busy = true;
    try {
      const plans = await this.#plan(this.options);
      if (mine !== this.#latest) return;
      this.plan = plans[0] ?? null;
      this.problem = null;
    } catch (error) {
      if (mine !== this.#latest) return;
      this.plan = null;
      this.problem = diagnosisOf(error);
      announcer.interrupt(this.problem.title);
    }
    this.busy = false;
  }
}

class Plans {
  drafts = $state.raw<Draft[]>([]);
  problem = $state.raw<Diagnosis | null>(null);
  starting = $state(false);

  /** Those that confirming delivers. */
  readonly included = $derived(this.drafts.filter((draft) => draft.included));
  /** The first of what was ticked and cannot be done. */
  readonly refusal = $derived(this.drafts.find((draft) => draft.refused !== null)?.refused ?? null);
  /** Why nothing can be confirmed now; `null` when it can. */
  readonly held = $derived.by(() => {
    if (this.refusal !== null) return this.refusal.why;
    const wanted = this.drafts.filter((draft) => draft.wanted);
    if (wanted.some((draft) => draft.plan === null || draft.busy || !draft.valid)) return "";
    if (this.included.length === 0)
      return wanted.length === 0 ? "Select at least one destination" : "Confirm at least one destination";
    const missing = this.included.flatMap((draft) => draft.missing)[0];
    return missing === undefined ? null : `Not confirmed: ${missing.title.toLowerCase()}`;
  });
  readonly ready = $derived(this.drafts.length > 0 && this.held === null);

  /** Opens the plan screen with these. Nothing is touched. */
  async open(drafts: Draft[]): Promise<void> {
    this.drafts = drafts;
    this.problem = null;
    router.go({ place: "plan" });
    await Promise.all(drafts.map((draft) => draft.make()));
  }

  /** Plans everything anew, after a start failed. */
  async again(): Promise<void> {
    this.problem = null;
    await Promise.all(this.drafts.map((draft) => draft.make()));
  }

  /** Makes jobs of them; shows the one job, or all of them. */
  async confirm(): Promise<void> {
    if (!this.ready || this.starting) return;
    this.starting = true;
    try {
      const confirmed = this.included.flatMap((draft) =>
        draft.plan === null ? [] : [{ plan: draft.plan.id, confirmed: [...draft.confirmed] }],
      );
      const started = await host().deliver(confirmed);
      // Whoever went elsewhere while the system asked stays there.
      if (router.route.place === "plan") show(started);
    } catch (error) {
      this.problem = diagnosisOf(error);
      announcer.interrupt(this.problem.title);
    } finally {
      this.starting = false;
    }
  }
}

/** It is about the image, and so about every destination. */
export function isAboutImage(confirmation: Confirmation): boolean {
  return confirmation.about === "unsigned" || confirmation.about === "damaged";
}

/** It is about the version of the reader and of the image. */
function isAboutVersions(confirmation: Confirmation): boolean {
  return confirmation.about === "downgrade" || confirmation.about === "same_version";
}

function show(started: JobId[]): void {
  const only = started.length === 1 ? started[0] : undefined;
  router.replace(only === undefined ? { place: "activity" } : { place: "job", job: only });
}

/** The same delivery on the command line, quoted for a POSIX shell. */
export function asCommand(draft: Draft): string {
  const { name, description, address } = draft.options;
  const save = draft.plan?.save_before;
  const flags = [
    ...(name ? ["--name", quoted(name)] : []),
    ...(description ? ["--description", quoted(description)] : []),
    ...(address === undefined || address === null ? [] : ["--address", `0x${address.toString(16)}`]),
    ...(save?.save === "offered" && save.chosen ? ["--option", quoted(`${save.option}=${save.value}`)] : []),
    ...draft.rules.flags(draft.options).map(quoted),
  ];
  // Several files of one plan are all named: how they were opened is known of the first alone.
  const together = (draft.plan?.files.length ?? 0) > 1 ? draft.plan?.files.map(({ path }) => path) : undefined;
  const files = (together ?? [draft.file.source]).map(quoted);
  return ["firmdrop-cli", "deliver", ...files, "--to", quoted(draft.destination), ...flags].join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export const plans = new Plans();
