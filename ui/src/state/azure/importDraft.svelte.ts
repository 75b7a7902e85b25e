/** An update that is being made: its files and its import manifest, which is one text, edited as a form or as JSON. */
import { host, type Diagnosis, type OpenFile } from "../../ipc";
import { azure, type ManifestFinding, type UpdateFile } from "../../ipc/azure";
import { announcer } from "../announce.svelte";
import { attempt } from "../attempt";
import { failures } from "../failures.svelte";
import { Draft, plans } from "../plans.svelte";
import { diagnosisOf } from "../problem";
import { router } from "../route.svelte";
import {
  emptyManifest,
  entryOf,
  identityOf,
  isNode,
  listAt,
  namesOf,
  nodeAt,
  parsed,
  textAt,
  written,
} from "./manifestText";
import { destinationOf, pageOf } from "./routes";

type Node = Record<string, unknown>;

/** Rules are checked this long after the last key. */
const SETTLE_MS = 300;

/** One file of the update. */
export class ImportFile {
  readonly file: OpenFile;
  readonly name: string;
  /** Bytes that were hashed. */
  hashed = $state(0);
  facts = $state.raw<UpdateFile | null>(null);
  problem = $state.raw<Diagnosis | null>(null);

  constructor(file: OpenFile) {
    this.file = file;
    this.name = file.source.split(/[/\\]/).at(-1) ?? file.source;
  }
}

/** Whether a finding is about this field or something in it. */
export function isWithin(pointer: string, field: string): boolean {
  return pointer === field || pointer.startsWith(`${field}/`);
}

export class ImportDraft {
  readonly account: string;
  files = $state.raw<readonly ImportFile[]>([]);
  text = $state("");
  asJson = $state(false);
  findings = $state.raw<readonly ManifestFinding[]>([]);
  /** The findings are those of the present text and files. */
  checked = $state(false);
  busy = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  #settling: ReturnType<typeof setTimeout> | undefined;
  #latest = 0;

  readonly document: Node | null = $derived(parsed(this.text));
  readonly identity = $derived(this.document === null ? null : identityOf(this.document));
  readonly errors = $derived(this.findings.filter(({ severity }) => severity === "error"));
  readonly warnings = $derived(this.findings.filter(({ severity }) => severity === "warning"));
  readonly hashing = $derived(this.files.some(({ facts, problem }) => facts === null && problem === null));
  /** Files that the manifest names and nobody added. */
  readonly missing: string[] = $derived.by(() => {
    const there = this.files.map(({ name }) => name);
    return this.document === null ? [] : namesOf(this.document).filter((name) => name !== "" && !there.includes(name));
  });
  readonly bytes = $derived(this.files.reduce((sum, { facts }) => sum + (facts?.size_bytes ?? 0), 0));
  readonly ready = $derived(
    this.checked &&
      this.errors.length === 0 &&
      this.files.length > 0 &&
      !this.hashing &&
      this.missing.length === 0 &&
      !this.busy,
  );

  constructor(account: string) {
    this.account = account;
    this.text = written(emptyManifest(Date.now()));
    this.#changed();
  }

  /** Findings at a field and inside of it. */
  at(...fields: string[]): ManifestFinding[] {
    return this.findings.filter(({ pointer }) => fields.some((field) => isWithin(pointer, field)));
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
    const known = this.files.map(({ name }) => name);
    const fresh = opened.map((file) => new ImportFile(file)).filter(({ name }) => !known.includes(name));
    const manifest = fresh.find(({ name }) => name.toLowerCase().endsWith(".importmanifest.json"));
    if (manifest !== undefined) await this.#read(manifest.file);
    const added = fresh.filter((file) => file !== manifest);
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
    const planned = () => azure().planImport(this.account, tokens, this.text);
    const draft = new Draft(first.file, `${name} ${version}`, destinationOf(this.account), this.account);
    await plans.open([draft.plannedBy(planned)]);
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
    } catch (error) {
      if (mine === this.#latest) this.problem = diagnosisOf(error);
    }
  }

  async #read(file: OpenFile): Promise<void> {
    this.problem = await attempt(async () => this.type(await azure().readManifest(file.token)));
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

/** A file of its own, with a step for the handler that it is made for. */
function enter(document: Node, facts: UpdateFile): void {
  document["files"] = [...listAt(document, "files"), entryOf(facts)];
  const handler = facts.handler;
  const instructions = nodeAt(document, "instructions");
  const properties: Record<string, string> = facts.criteria === null ? {} : { installedCriteria: facts.criteria };
  if (handler?.startsWith("microsoft/script")) properties["scriptFileName"] = facts.name;
  const step = {
    handler: handler ?? "",
    files: [facts.name],
    ...(Object.keys(properties).length > 0 ? { handlerProperties: properties } : {}),
  };
  document["instructions"] = { ...instructions, steps: [...listAt(instructions, "steps"), step] };
}

/** Takes a file out of everything that names it; a step that is left without files goes too. */
function forget(document: Node, name: string): void {
  const named = (each: unknown) => isNode(each) && textAt(each, "filename") === name;
  document["files"] = listAt(document, "files").filter((each) => !named(each));
  for (const file of listAt(document, "files")) {
    if (!isNode(file) || !listAt(file, "relatedFiles").some(named)) continue;
    const rest = listAt(file, "relatedFiles").filter((each) => !named(each));
    if (rest.length > 0) file["relatedFiles"] = rest;
    else {
      delete file["relatedFiles"];
      delete file["downloadHandler"];
    }
  }
  const instructions = nodeAt(document, "instructions");
  const steps = listAt(instructions, "steps").flatMap((step) => {
    if (!isNode(step) || !listAt(step, "files").includes(name)) return [step];
    const files = listAt(step, "files").filter((each) => each !== name);
    return files.length === 0 ? [] : [{ ...step, files }];
  });
  document["instructions"] = { ...instructions, steps };
}

class ImportDesk {
  draft = $state.raw<ImportDraft | null>(null);

  /** Begins an update, or resumes the one that was begun for the account. Nothing is sent. */
  open(account: string): void {
    if (this.draft?.account !== account) this.draft = new ImportDraft(account);
    router.go(pageOf("import", account));
  }

  /** Begins anew. */
  clear(): void {
    const account = this.draft?.account;
    if (account !== undefined) this.draft = new ImportDraft(account);
  }
}

export const importDesk = new ImportDesk();
