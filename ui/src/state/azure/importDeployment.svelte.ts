/** The deployment that may follow an import: its group, and whom it would touch, as the service says before anything is sent. */
import type { DeploySpecRequest, Diagnosis, Reach } from "../../ipc";
import { azure } from "../../ipc/azure";
import { attempt } from "../attempt";
import { compatibilityOf, identityOf, parsed } from "./manifestText";

/** What the answer depends on. */
function questionOf(group: string, text: string): string | null {
  const document = parsed(text);
  if (group === "" || document === null) return null;
  return JSON.stringify([group, identityOf(document), compatibilityOf(document)]);
}

export class ImportDeployment {
  on = $state(false);
  group = $state("");
  reach = $state.raw<Reach | null>(null);
  problem = $state.raw<Diagnosis | null>(null);
  /** What the present answer is for. */
  #answered = $state<string | null>(null);
  #asked: string | null = null;
  readonly #account: string;

  constructor(account: string) {
    this.#account = account;
  }

  readonly #fitting = $derived((this.reach?.subgroups ?? []).filter(({ fits }) => fits));
  readonly matching = $derived(this.#fitting.reduce((sum, { devices }) => sum + devices, 0));
  readonly haveIt = $derived(this.#fitting.reduce((sum, each) => sum + each.have_it, 0));
  readonly replaced = $derived(this.#fitting.flatMap(({ active_deployment }) => active_deployment ?? []));
  readonly others = $derived(
    (this.reach?.subgroups ?? []).reduce((sum, { fits, devices }) => sum + (fits ? 0 : devices), 0),
  );

  /** Whether what is shown was counted for this manifest. */
  isCounted(text: string): boolean {
    return this.reach !== null && this.#answered === questionOf(this.group, text);
  }

  /** Whether a plan can have it as it is: not wanted, or counted for at least one device. */
  allows(text: string): boolean {
    return !this.on || (this.isCounted(text) && this.matching > 0);
  }

  /** Counts the devices, unless that was done for the same question. Only the last answer counts. */
  async count(text: string, again = false): Promise<void> {
    const question = questionOf(this.group, text);
    if (!this.on || (question === this.#asked && !again)) return;
    this.#asked = question;
    this.reach = null;
    this.problem = null;
    if (question === null) return;
    let found: Reach | null = null;
    const problem = await attempt(async () => {
      found = await azure().reachOfManifest(this.#account, this.group, text);
    });
    if (question !== this.#asked) return;
    this.problem = problem;
    this.reach = found;
    this.#answered = question;
  }

  /** What a plan is made with; `null` without a deployment. */
  get spec(): DeploySpecRequest | null {
    if (!this.on || this.reach === null) return null;
    return { group: this.group, expect_devices: this.matching, deployment_id: null, download_security: null };
  }
}
