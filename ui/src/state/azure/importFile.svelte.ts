/** A file of an update that is being made: its hash is computed while the manifest is written. */
import type { Diagnosis, OpenFile } from "../../ipc";
import type { UpdateFile } from "../../ipc/azure";

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
