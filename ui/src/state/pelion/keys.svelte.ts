/** The keys of this computer that sign manifests. They belong to no account, and change only by what a person does. */
import type { FileToken, KeyEntry } from "../../ipc";
import { pelion } from "../../ipc/pelion";

class ManifestKeys {
  list = $state.raw<readonly KeyEntry[]>([]);
  known = $state(false);

  async load(): Promise<void> {
    this.list = await pelion().manifestKeys();
    this.known = true;
  }

  of(name: string | null): KeyEntry | undefined {
    return this.list.find((key) => key.name === name);
  }

  async make(name: string, development: boolean): Promise<void> {
    this.#put(await pelion().newManifestKey(name, development));
  }

  /** Takes one over from a PEM file. */
  async take(name: string, file: FileToken, development: boolean): Promise<void> {
    this.#put(await pelion().importManifestKey(name, file, development));
  }

  /** Gives it a certificate; an empty id is not noted in it. */
  async certify(name: string, vendor: string, deviceClass: string): Promise<void> {
    this.#put(await pelion().certifyManifestKey(name, vendor || null, deviceClass || null));
  }

  #put(entry: KeyEntry): void {
    const others = this.list.filter((key) => key.name !== entry.name);
    this.list = [...others, entry].sort((one, other) => one.name.localeCompare(other.name));
  }
}

export const manifestKeys = new ManifestKeys();
