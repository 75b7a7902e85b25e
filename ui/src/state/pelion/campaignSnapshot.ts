/** What a campaign's screen counts: every number of it is of one answer of the service. */
import type { CampaignCounts, CampaignDeviceRow, Cause } from "../../ipc";
import type { CampaignLook } from "../../ipc/pelion";

export interface CampaignSnapshot {
  counts: CampaignCounts | null;
  causes: readonly Cause[];
  /** Whether the numbers are those of the list of devices: only then have its tabs numbers. */
  isOfList: boolean;
}

/**
 * The numbers of the list of devices, once the service has listed them all; its statistics until then. The two are
 * asked for at two moments, and a device may have reported in between: they are never shown beside each other.
 */
export function snapshotOf(look: CampaignLook | null, whole: readonly CampaignDeviceRow[] | null): CampaignSnapshot {
  const counts = look?.counts ?? null;
  if (whole === null || whole.length === 0 || whole.length < (counts?.total ?? 0))
    return { counts, causes: look?.causes ?? [], isOfList: false };
  const of = (end: CampaignDeviceRow["ended"]) => whole.filter(({ ended }) => ended === end).length;
  return {
    counts: {
      total: whole.length,
      success: of("updated"),
      failed: of("failed"),
      skipped: of("skipped"),
      pending: of(null),
      other: 0,
    },
    causes: causesOf(whole, look?.causes ?? []),
    isOfList: true,
  };
}

/** Why devices of the list failed, most of them first; what a code means is known from the service's own list of causes too. */
function causesOf(whole: readonly CampaignDeviceRow[], known: readonly Cause[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const { ended, event_type, event_meaning, what_to_do } of whole) {
    if (ended !== "failed") continue;
    const code = event_type ?? "";
    const cause = causes.get(code);
    const same = known.find((each) => each.event_type === code);
    causes.set(code, {
      event_type: code,
      summary_status: "FAIL",
      count: (cause?.count ?? 0) + 1,
      meaning: event_meaning ?? same?.meaning ?? "The service reports no cause.",
      what_to_do: what_to_do ?? same?.what_to_do ?? null,
    });
  }
  return [...causes.values()].sort((a, b) => b.count - a.count);
}
