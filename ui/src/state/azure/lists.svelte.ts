/** The lists of one account of Azure Device Update: read when they are first shown, and again on request. */
import { untrack } from "svelte";
import type {
  AduDeviceRow,
  ClassRow,
  DeploymentRow,
  Diagnosis,
  GroupRow,
  LogRow,
  OperationRow,
  UpdateRow,
} from "../../ipc";
import { azure } from "../../ipc/azure";
import { accounts } from "../accounts.svelte";
import { jobs } from "../jobs.svelte";
import { diagnosisOf } from "../problem";
import { destinationOf } from "./routes";

/** Milliseconds between two reads of a list in which something is under way. */
const FOLLOW_EVERY_MS = 10_000;
/** A list that takes long to read is read more rarely: so many times its own duration. */
const REST = 10;

/** One list, which comes in one piece. */
export class Listing<T extends { id: string }> {
  rows = $state.raw<readonly T[]>([]);
  known = $state(false);
  loading = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  readonly #read: () => Promise<T[]>;
  readonly #isUnderWay: (row: T) => boolean;
  #latest = 0;
  /** When it was read last, by the steady clock, and how long that took. */
  #asked = 0;
  #took = 0;
  #following = false;

  constructor(read: () => Promise<T[]>, isUnderWay: (row: T) => boolean = () => false) {
    this.#read = read;
    this.#isUnderWay = isUnderWay;
  }

  /** Whether something in it is under way and it was not read for long enough. */
  isDue(now: number): boolean {
    if (!this.known || this.loading || this.#following) return false;
    return now - this.#asked >= Math.max(FOLLOW_EVERY_MS, REST * this.#took) && this.rows.some(this.#isUnderWay);
  }

  /** Reads the same again in the background. What is shown stays, also when that fails. */
  async follow(): Promise<void> {
    const mine = ++this.#latest;
    this.#following = true;
    try {
      const rows = await this.#timed();
      if (mine === this.#latest) [this.rows, this.problem] = [rows, null];
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    } finally {
      this.#following = false;
    }
  }

  /** Whether the rows are the last answer, and no newer one is awaited. */
  get isCurrent(): boolean {
    return this.known && !this.loading && this.problem === null;
  }

  loadOnce(): void {
    if (!this.known && !this.loading && this.problem === null) void this.load();
  }

  /** Reads it anew. Only the last answer counts. */
  async load(): Promise<void> {
    const mine = ++this.#latest;
    this.loading = true;
    this.problem = null;
    try {
      const rows = await this.#timed();
      if (mine !== this.#latest) return;
      this.rows = rows;
      this.known = true;
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    }
    if (mine === this.#latest) this.loading = false;
  }

  async #timed(): Promise<T[]> {
    this.#asked = performance.now();
    const rows = await this.#read();
    this.#took = performance.now() - this.#asked;
    // What a service serves on two of its pages is one entry.
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody watches it
    return [...new Map(rows.map((row) => [row.id, row])).values()];
  }

  /** Reads it for another question, to which the present rows are no answer. */
  renew(): void {
    this.rows = [];
    this.known = false;
    void this.load();
  }

  /** Reads it anew when it was read: something in it has changed. */
  refresh(): void {
    if (this.known || this.problem !== null) void this.load();
  }
}

export class AzureLists {
  readonly account: string;
  readonly updates: Listing<UpdateRow>;
  readonly operations: Listing<OperationRow>;
  readonly groups: Listing<GroupRow>;
  readonly deployments: Listing<DeploymentRow>;
  readonly devices: Listing<AduDeviceRow>;
  readonly classes: Listing<ClassRow>;
  readonly logs: Listing<LogRow>;
  /** The group whose devices are shown; empty for all devices. */
  devicesOf = $state("");
  /** The state of their last deployment in which devices are shown; empty for all. */
  devicesIn = $state("");
  /** The group whose deployments are shown; the first when none was chosen. */
  chosen = $state<string | null>(null);

  constructor(account: string) {
    this.account = account;
    const service = azure();
    this.updates = new Listing(() => service.updates(account));
    this.operations = new Listing(
      () => service.operations(account),
      ({ is_over }) => !is_over,
    );
    this.groups = new Listing(
      () => service.groups(account),
      ({ deployments }) => (deployments ?? []).length > 0,
    );
    this.deployments = new Listing(async () => {
      if (!this.groups.known) await this.groups.load();
      if (this.groups.problem !== null) throw this.groups.problem as unknown as Error;
      return this.group === null ? [] : service.deployments(account, this.group);
    });
    this.devices = new Listing(
      () => service.devices(account, this.devicesOf === "" ? null : this.devicesOf),
      ({ status }) => /^inprogress$/i.test(status ?? ""),
    );
    this.classes = new Listing(() => service.classes(account));
    this.logs = new Listing(
      () => service.logs(account),
      ({ is_over }) => !is_over,
    );
  }

  get group(): string | null {
    return this.chosen ?? this.groups.rows[0]?.id ?? null;
  }

  showGroup(group: string): void {
    const isOther = this.group !== group;
    this.chosen = group;
    if (isOther) this.deployments.renew();
    else void this.deployments.load();
  }

  /** Shows the devices of a group whose last deployment is in this state; empty for all. */
  showDevices(group: string, state = ""): void {
    this.devicesIn = state;
    if (this.devicesOf === group && this.devices.known) return;
    this.devicesOf = group;
    this.devices.renew();
  }

  /** What a class is called: by its name, or by what its devices report. */
  className(id: string): string {
    const found = this.classes.rows.find((row) => row.id === id);
    if (found === undefined) return id;
    return found.name ?? Object.values(found.properties).join(" ");
  }

  /** Reads what an import or a deployment changes. */
  refresh(): void {
    for (const list of [this.updates, this.operations, this.groups, this.deployments]) list.refresh();
  }
}

class AzureClouds {
  #known: AzureLists[] = [];
  #times = $state(0);

  /** The lists of an account; the same ones every time. */
  of(account: string): AzureLists {
    // Whoever shows lists hears of it when they are forgotten.
    const known = this.#times < 0 ? undefined : this.#known.find((lists) => lists.account === account);
    if (known !== undefined) return known;
    const made = untrack(() => new AzureLists(account));
    this.#known = [...this.#known, made];
    return made;
  }

  forget(): void {
    this.#known = [];
    this.#times += 1;
  }

  refresh(destination: string): void {
    for (const lists of this.#known) if (destinationOf(lists.account) === destination) lists.refresh();
  }
}

export const azureClouds = new AzureClouds();

accounts.onChange(() => azureClouds.forget());
// What a job of ours imports is in the lists at once.
jobs.onStep(({ destination }) => azureClouds.refresh(destination));
