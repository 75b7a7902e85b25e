/** Files as a manifest names them: entered, and taken out again. */
import type { UpdateFile } from "../../ipc/azure";
import { entryOf, isNode, listAt, nodeAt, textAt, type Node } from "./manifestText";

/** A file of its own, with a step for the handler that it is made for. */
export function enter(document: Node, facts: UpdateFile): void {
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
export function forget(document: Node, name: string): void {
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
