/** What one row of the plan says of its destination, and all rows together. No text of a service or a loader stands here. */
import { cloudOf } from "../../clouds";
import type { ConfirmationAbout, Plan, ProofMethod } from "../../ipc";
import { clockTime, plural } from "../../shared/format";
import type { IconName } from "../../shared/icons";
import type { Mark } from "../../state/mark";
import { imageOf } from "../../state/planFiles";
import type { Draft } from "../../state/plans.svelte";
import { readers } from "../../state/readers.svelte";
import { channelIcon } from "../../shared/channels";
import { impactWords } from "./words";

/** How long something usually takes, seconds; `open` when a part of it depends on the connection and comes on top. */
interface Expectation {
  seconds: number;
  open: boolean;
}

/** Rows that need a decision first, then readers, then accounts. */
export function inOrder(drafts: readonly Draft[]): Draft[] {
  const rank = (draft: Draft) => {
    if (draft.problem !== null) return 0;
    if (draft.own.length > 0) return 1;
    return cloudOf(draft.destination) ? 3 : 2;
  };
  return drafts
    .map((draft) => ({ draft, at: rank(draft) }))
    .sort((a, b) => a.at - b.at)
    .map(({ draft }) => draft);
}

/** Where it is: the place of a reader, the service of an account. */
export function placeOf(draft: Draft): { icon: IconName; words: string } {
  const cloud = cloudOf(draft.destination);
  if (cloud) return { icon: cloud.icon, words: cloud.title };
  const reader = readers.all.find((view) => view.destination === draft.destination)?.reader;
  if (reader === undefined) return { icon: "readers", words: draft.destination };
  return { icon: channelIcon(reader.channel), words: reader.simulated ? "Simulated" : reader.place };
}

/** `2.4.0 → 2.4.1` at a reader, what is added to an account. */
export function whatHappens(draft: Draft, plan: Plan): string {
  if (cloudOf(draft.destination)) return impactWords(plan);
  const target = readers.all.find((view) => view.destination === draft.destination)?.target;
  const now = target?.version ?? "unknown";
  return `${now} → ${imageOf(plan).inspection.identity.version ?? "raw image"}`;
}

export function expectationOf(plan: Plan): Expectation {
  const known = plan.phases.map((phase) => phase.usual_seconds);
  return { seconds: known.reduce<number>((sum, each) => sum + (each ?? 0), 0), open: known.includes(null) };
}

/** `35 s`, or `at least 26 s` where sending depends on the connection. */
export function expectationWords({ seconds, open }: Expectation): string {
  const words = clockTime(Math.max(1, seconds));
  return open ? `at least ${words}` : words;
}

/** All together: destinations run side by side, deliveries to one destination one after another. */
export function totalOf(drafts: readonly Draft[]): (Expectation & { slowest: string; destinations: number }) | null {
  const each = new Map<string, Expectation & { name: string }>();
  for (const { plan, destination, destinationName } of drafts) {
    if (plan === null) return null;
    const { seconds, open } = expectationOf(plan);
    const before = each.get(destination);
    each.set(destination, {
      name: destinationName,
      seconds: seconds + (before?.seconds ?? 0),
      open: open || before?.open === true,
    });
  }
  const all = [...each.values()];
  const [slowest] = all.sort((a, b) => b.seconds - a.seconds);
  if (slowest === undefined) return null;
  return {
    seconds: slowest.seconds,
    open: all.some(({ open }) => open),
    slowest: slowest.name,
    destinations: all.length,
  };
}

const ABOUT: Record<ConfirmationAbout, string> = {
  downgrade: "Downgrade",
  same_version: "Same version",
  damaged: "Damaged",
  unsigned: "Not signed",
  plain_http: "Not encrypted",
  production: "Production",
};

/** The one line of a row: what has to be decided, otherwise how many risks unfold. */
export function riskOf(draft: Draft, plan: Plan): { words: string; decide: boolean } {
  if (draft.own.length > 0) return { words: draft.own.map(({ about }) => ABOUT[about]).join(", "), decide: true };
  return { words: plan.risks.length === 0 ? "None known" : plural(plan.risks.length, "risk"), decide: false };
}

const PROOF: Record<ProofMethod, string> = {
  remote_size_and_sha256: "Size and SHA-256",
  hash_after_restart: "Hash after restart",
  device_checksum: "Reader's checksum",
  read_back: "Read-back",
  devices_reported: "Device reports",
};

/** What will prove it; nothing where it can only be sent. */
export function proofOf(plan: Plan): string | null {
  return plan.verified_by === null ? null : PROOF[plan.verified_by];
}

/** Whether it will be delivered, in word, shape and tone. */
export function rowMark(draft: Draft): Mark {
  if (!draft.wanted) return { icon: "wait", word: "Left out", tone: "muted" };
  if (draft.problem !== null) return { icon: "no", word: "Refused", tone: "danger" };
  if (draft.plan === null) return { icon: "wait", word: "Planning", tone: "muted" };
  if (draft.missing.length > 0) return { icon: "warn", word: "Not confirmed", tone: "warn" };
  if (draft.blocked?.waits === true) return { icon: "warn", word: "Not confirmed", tone: "warn" };
  if (draft.blocked !== null) return { icon: "no", word: "Refused", tone: "danger" };
  return { icon: "tick", word: draft.own.length > 0 ? "Confirmed" : "Included", tone: "muted" };
}
