/** An update that is being made: its files and its import manifest, which is one text, edited as a form or as JSON. */
import { host, type Diagnosis, type OpenFile } from "../../ipc";
import { azure, type ManifestFinding } from "../../ipc/azure";
import { SvelteSet } from "svelte/reactivity";
import { announcer } from "../announce.svelte";
import { attempt } from "../attempt";
import { failures } from "../failures.svelte";
import { Draft, plans } from "../plans.svelte";
import { diagnosisOf } from "../problem";
import { router } from "../route.svelte";
import { enter, forget } from "./manifestFiles";
import {
  emptyManifest,
  entryOf,
  identityOf,
  isNode,
  listAt,
  namesOf,
  parsed,
  textAt,
  written,
  type Node,
} from "./manifestText";
import { ImportDeployment } from "./importDeployment.svelte";
import { ImportFile } from "./importFile.svelte";
import { asOptions, PLAN_RULES } from "./plan";
import { destinationOf, pageOf } from "./routes";

/** Rules are checked this long after the last key. */
const SETTLE_MS = 300;

/** Whether a finding is about this field or something in it. */
export function isWithin(pointer: string, field: string): boolean {
  return pointer === field || pointer.startsWith(`${field}/`);
}

/** Whether the form has a field for it. */
function isField(pointer: string): boolean {
  return /^\/(updateId|description|compatibility|instructions\/steps\/)/.test(pointer);
}

export class ImportDraft {
  readonly account: string;
  files = $state.raw<readonly ImportFile[]>([]);
  /** Names of the last choice that the list had already; such files were not added. */
  doubled = $state.raw<readonly string[]>([]);
  text = $state("");
  asJson = $state(false);
  findings = $state.raw<readonly ManifestFinding[]>([]);
  /** The findings are those of the present text and files. */
  checked = $state(false);
  busy = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  /** The deployment that may follow. */
  readonly deployment: ImportDeployment;
  /** Fields that the keyboard has left; what is wrong with another one is not shown yet. */
  readonly #visited = new SvelteSet<string>();
  /** Everything that is wrong is shown: the import was asked for, or the manifest came as a text. */
  #showsAll = $state(false);
  #settling: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;

  readonly document: Node | null = $derived(parsed(this.text));
  readonly identity = $derived(this.document === null ? null : identityOf(this.document));
  /** What is shown of the findings. */
  readonly shown = $derived(this.findings.filter(({ pointer }) => this.#isShown(pointer)));
  readonly errors = $derived(this.shown.filter(({ severity }) => severity === "error"));
  readonly warnings = $derived(this.shown.filter(({ severity }) => severity === "warning"));
  /** Errors of fields that nobody has been to yet. */
  readonly toFill = $derived(
    this.findings.filter(({ severity, pointer }) => severity === "error" && !this.#isShown(pointer)).length,
  );
  readonly hashing = $derived(this.files.some(({ facts, problem }) => facts === null && problem === null));
  /** Files that the manifest names and nobody added. */
  readonly missing: string[] = $derived.by(() => {
    const there = this.files.map(({ name }) => name);
    return this.document === null ? [] : namesOf(this.document).filter((name) => name !== "" && !there.includes(name));
  });
  readonly bytes = $derived(this.files.reduce((sum, { facts }) => sum + (facts?.size_bytes ?? 0), 0));
  readonly ready = $derived.by(
    () =>
      this.checked &&
      !this.findings.some(({ severity }) => severity === "error") &&
      this.deployment.allows(this.text) &&
      !(this.deployment.on && this.document?.["isDeployable"] === false) &&
      this.files.length > 0 &&
      !this.hashing &&
      this.missing.length === 0 &&
      !this.busy,
  );

  constructor(account: string) {
    this.account = account;
    this.deployment = new ImportDeployment(account);
    this.text = written(emptyManifest(Date.now()));
    this.#changed();
  }

  /** Findings at a field and inside of it. */
  at(...fields: string[]): ManifestFinding[] {
    return this.shown.filter(({ pointer }) => fields.some((field) => isWithin(pointer, field)));
  }

  /** The keyboard has left a field. */
  visit(field: string): void {
    this.#visited.add(field);
  }

  /** Shows everything that is wrong. */
  showAll(): void {
    this.#showsAll = true;
  }

  /** What is wrong with an empty form is not shown before somebody was there; what no field shows is, once there are files. */
  #isShown(pointer: string): boolean {
    if (this.#showsAll) return true;
    if (!isField(pointer)) return this.files.length > 0;
    return [...this.#visited].some((field) => isWithin(pointer, field) || isWithin(field, pointer));
  }

  /** Takes the text as it was typed. */
  type(text: string): void {
    this.text = text;
    this.#changed();
  }

  /** Changes the document; a text that cannot be read stays as it is. */
  edit(change: (document: Node) => void): void {
    const document = parsed(this.text);
    if (document === null) return;
    change(document);
    this.type(written(document));
  }

  /** Adds files: each is hashed, and gets its entry and a step of its own where its kind has a handler. */
  async add(opened: readonly OpenFile[]): Promise<void> {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody watches it
    const known = new Set(this.files.map(({ name }) => name));
    const fresh: ImportFile[] = [];
    const doubled: string[] = [];
    for (const file of opened.map((each) => new ImportFile(each))) {
      if (known.has(file.name)) doubled.push(file.name);
      else fresh.push(file);
      known.add(file.name);
    }
    this.doubled = doubled;
    const manifest = fresh.find(({ name }) => name.toLowerCase().endsWith(".importmanifest.json"));
    if (manifest !== undefined) await this.#read(manifest.file);
    const added = fresh.filter((file) => file !== manifest);
    // What was wrong for want of files is judged anew with them.
    this.findings = this.findings.filter(({ pointer }) => isField(pointer));
    this.files = [...this.files, ...added];
    await Promise.all(added.map((file) => this.#hash(file)));
  }

  async pick(): Promise<void> {
    await failures.run(async () => this.add(await host().pickFiles()));
  }

  /** Reads a file again that could not be read. */
  again(file: ImportFile): Promise<void> {
    file.problem = null;
    return this.#hash(file);
  }

  remove(file: ImportFile): void {
    this.files = this.files.filter((each) => each !== file);
    this.edit((document) => forget(document, file.name));
  }

  /** Makes a file stand for another one, or a file of its own again. */
  relate(file: ImportFile, payload: string | null): void {
    const facts = file.facts;
    if (facts === null) return;
    this.edit((document) => {
      forget(document, file.name);
      const owner = listAt(document, "files").find((each) => isNode(each) && textAt(each, "filename") === payload);
      if (isNode(owner)) {
        owner["relatedFiles"] = [...listAt(owner, "relatedFiles"), { ...entryOf(facts), properties: {} }];
        owner["downloadHandler"] ??= { id: "microsoft/delta:1" };
      } else enter(document, facts);
    });
  }

  /** Renews what the manifest says of the files. */
  async mend(): Promise<void> {
    this.problem = await attempt(async () => this.type(await azure().mendManifest(this.text, this.#facts())));
  }

  async save(): Promise<void> {
    this.problem = await attempt(async () => {
      const path = await azure().saveManifest(this.text);
      if (path !== null) announcer.say(`Saved as ${path}`);
    });
  }

  /** Opens the plan of the import. Nothing is sent before it is confirmed. */
  async review(): Promise<void> {
    const first = this.files[0];
    if (!this.ready || first === undefined || this.identity === null) return;
    const { name, version } = this.identity;
    const tokens = this.files.map(({ file }) => file.token);
    const text = this.text;
    const draft = new Draft(first.file, `${name} ${version}`, destinationOf(this.account), this.account, PLAN_RULES);
    draft.options = asOptions({ deploy: this.deployment.spec });
    await plans.open([draft.plannedBy((options) => azure().planImport(this.account, tokens, text, options))]);
  }

  #facts() {
    return this.files.flatMap(({ facts }) =>
      facts === null ? [] : [{ name: facts.name, size_bytes: facts.size_bytes, sha256: facts.sha256 }],
    );
  }

  #changed(): void {
    this.checked = false;
    this.#latest += 1;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.check(), SETTLE_MS);
  }

  /** Checks the present text at once. Only the last answer counts. */
  async check(): Promise<void> {
    clearTimeout(this.#settling);
    const mine = ++this.#latest;
    try {
      const findings = await azure().checkManifest(this.text, this.#facts());
      if (mine !== this.#latest) return;
      this.findings = findings;
      this.checked = true;
      void this.deployment.count(this.text);
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    }
  }

  async #read(file: OpenFile): Promise<void> {
    this.problem = await attempt(async () => this.type(await azure().readManifest(file.token)));
    if (this.problem === null) this.showAll();
  }

  async #hash(file: ImportFile): Promise<void> {
    file.problem = await attempt(async () => {
      const facts = await azure().updateFile(file.file.token, ({ bytes }) => (file.hashed = bytes));
      file.facts = facts;
      // One that the manifest names already is compared with it, not entered again.
      if (this.files.includes(file) && this.document !== null && !namesOf(this.document).includes(file.name))
        this.edit((document) => enter(document, facts));
      this.#changed();
    });
    if (file.problem !== null) announcer.interrupt(`${file.name}: ${file.problem.title}`);
  }
}

class ImportDesk {
  draft = $state.raw<ImportDraft | null>(null);
  /** What was put aside when it was begun anew; back until another account is shown. */
  before = $state.raw<ImportDraft | null>(null);
  /** The last one of each account. */
  #begun: ImportDraft[] = [];

  /** Begins an update, or resumes the one that was begun for the account. Nothing is sent. */
  open(account: string): void {
    if (this.draft?.account !== account) {
      this.#show(this.#begun.find((each) => each.account === account) ?? new ImportDraft(account));
      this.before = null;
    }
    router.go(pageOf("import", account));
  }

  /** Begins anew; what was there can be brought back. */
  clear(): void {
    this.before = this.draft;
    if (this.draft !== null) this.#show(new ImportDraft(this.draft.account));
  }

  /** Brings back what was put aside. */
  restore(): void {
    if (this.before !== null) this.#show(this.before);
    this.before = null;
  }

  #show(draft: ImportDraft): void {
    this.draft = draft;
    this.#begun = [...this.#begun.filter(({ account }) => account !== draft.account), draft];
  }
}

export const importDesk = new ImportDesk();
