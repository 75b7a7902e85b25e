/** An import manifest as its text says, read with care: anything may stand anywhere. No rule is checked here. */

export interface UpdateIdentity {
  provider: string;
  name: string;
  version: string;
}

export interface Step {
  /** Empty for a step that installs another update. */
  handler: string;
  files: string[];
  properties: Record<string, string>;
  /** How many properties are no texts: they are only in the JSON. */
  others: number;
  /** The update that it installs, when it is such a step. */
  reference: UpdateIdentity | null;
}

export interface FileEntry {
  name: string;
  /** The files that can stand for it. */
  related: string[];
}

export type Node = Record<string, unknown>;

/** The document; `null` for a text that is no JSON object. */
export function parsed(text: string): Node | null {
  try {
    const value: unknown = JSON.parse(text);
    return isNode(value) ? value : null;
  } catch {
    return null;
  }
}

export function written(document: Node): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const nodeAt = (node: Node, key: string): Node => {
  const value = node[key];
  return isNode(value) ? value : {};
};
export const listAt = (node: Node, key: string): unknown[] => {
  const value = node[key];
  return Array.isArray(value) ? value : [];
};
export const textAt = (node: Node, key: string): string => {
  const value = node[key];
  return typeof value === "string" ? value : "";
};

const texts = (list: unknown[]): string[] => list.filter((each): each is string => typeof each === "string");

function identity(node: Node): UpdateIdentity {
  return { provider: textAt(node, "provider"), name: textAt(node, "name"), version: textAt(node, "version") };
}

export function identityOf(document: Node): UpdateIdentity {
  return identity(nodeAt(document, "updateId"));
}

/** The sets of properties, one of which a device must have. */
export function compatibilityOf(document: Node): [string, string][][] {
  return listAt(document, "compatibility").map((set) =>
    isNode(set) ? Object.entries(set).map(([key, value]) => [key, typeof value === "string" ? value : ""]) : [],
  );
}

export function stepsOf(document: Node): Step[] {
  return listAt(nodeAt(document, "instructions"), "steps").map((value) => {
    const node = isNode(value) ? value : {};
    const all = Object.entries(nodeAt(node, "handlerProperties"));
    const plain = all.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return {
      handler: textAt(node, "handler"),
      files: texts(listAt(node, "files")),
      properties: Object.fromEntries(plain),
      others: all.length - plain.length,
      reference: node["type"] === "reference" ? identity(nodeAt(node, "updateId")) : null,
    };
  });
}

export function filesOf(document: Node): FileEntry[] {
  return listAt(document, "files").map((value) => {
    const node = isNode(value) ? value : {};
    const related = listAt(node, "relatedFiles").map((each) => (isNode(each) ? textAt(each, "filename") : ""));
    return { name: textAt(node, "filename"), related };
  });
}

/** Names of files of their own, which related ones can stand for. */
export function payloadsOf(document: Node): string[] {
  return filesOf(document).map(({ name }) => name);
}

/** Every file that it names, related ones too. */
export function namesOf(document: Node): string[] {
  return filesOf(document).flatMap(({ name, related }) => [name, ...related]);
}

/** What a new one begins with. Source: Microsoft's schema of import manifests 5.0. */
export function emptyManifest(nowMilliseconds: number): Node {
  return {
    $schema: "https://json.schemastore.org/azure-deviceupdate-import-manifest-5.0.json",
    updateId: { provider: "", name: "", version: "" },
    compatibility: [{ manufacturer: "", model: "" }],
    instructions: { steps: [] },
    files: [],
    createdDateTime: new Date(nowMilliseconds).toISOString(),
    manifestVersion: "5.0",
  };
}

/** What a manifest says of one file. */
export function entryOf(file: { name: string; size_bytes: number; sha256_base64: string }): Node {
  return { filename: file.name, sizeInBytes: file.size_bytes, hashes: { sha256: file.sha256_base64 } };
}
