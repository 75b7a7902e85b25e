/** What a delivery changes on a reader that said what it holds. Nothing is concluded from what it did not say. */
import type { Inspection, Target } from "../../ipc";
import { short } from "../../shared/format";

export interface ReaderChange {
  label: string;
  now: string;
  after: string;
  same: boolean;
}

/** Version and image of what runs there, beside those of the file. */
export function readerChanges(target: Target, image: Inspection): ReaderChange[] {
  const changes: ReaderChange[] = [];
  const running = target.slots.find((slot) => slot.active);
  const now = running?.version ?? target.version;
  const next = image.identity.version;
  if (now !== null && next !== null) {
    changes.push({ label: "Version", now, after: next, same: now === next });
  }
  const hashes = [image.image_hash, ...image.parts.map((part) => part.inspection.image_hash)];
  const after = hashes.find((hash) => hash !== null) ?? null;
  if (running?.hash != null && after !== null && hashes.filter((hash) => hash !== null).length === 1) {
    const same = running.hash === after;
    changes.push({ label: "Image", now: short(running.hash), after: short(after), same });
  }
  return changes;
}

/** What else lies in its slots: `Slot 1 holds 2.3.8`. */
export function otherSlots(target: Target, image: Inspection): string[] {
  return target.slots
    .filter((slot) => !slot.active)
    .map(({ image: number, slot, version, hash }) => {
      const which = number === 0 ? `Slot ${slot}` : `Image ${number}, slot ${slot}`;
      const held =
        hash !== null && hash === image.image_hash
          ? "the image of this file already"
          : (version ?? "an image of unknown version");
      return `${which} holds ${held}`;
    });
}
