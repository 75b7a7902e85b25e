/** Campaigns of the made-up account, and how they stand. */
import type { CampaignStanding } from "../../src/ipc/bindings";
import type { Campaign, CampaignRow } from "../../src/ipc/pelion";
import { minutesAgo } from "../make";
import { MANIFESTS } from "./objects";
import { CLASS } from "./ids";

const TITLES: Record<string, [string, string]> = {
  draft: ["Draft", "Not started. No device has been contacted."],
  starting: ["Starting", "The service checks manifest, quota and devices; nothing has been sent to a device yet."],
  active: ["Active", "Devices get the update, install it and report."],
  stopping: ["Stopping", "The service takes the update back from devices that have not begun; this can take long."],
  stopped: ["Stopped", "It is over and cannot be started again. A new campaign with the same filter can."],
  archived: ["Archived", "It has ended and is archived."],
};

export function standing(of: Campaign): CampaignStanding {
  const [title, meaning] = TITLES[of.phase] ?? [of.phase, "Firmdrop does not know this phase."];
  const allowed: Record<string, CampaignStanding["allowed"]> = {
    draft: ["edit", "start", "delete"],
    starting: ["stop"],
    active: ["stop"],
    stopped: ["archive", "delete"],
    archived: ["delete"],
  };
  return {
    phase: of.phase,
    title,
    meaning,
    is_known: of.phase in TITLES,
    state: of.state,
    reason: of.autostop_reason === "" ? null : of.autostop_reason,
    allowed: allowed[of.phase] ?? [],
    is_at_rest: ["draft", "stopped", "archived"].includes(of.phase),
    is_archived: of.phase === "archived",
  };
}

export function campaign(change: Partial<{ [K in keyof Campaign]: Campaign[K] | undefined }>): CampaignRow {
  const whole = {
    id: "c0",
    name: "",
    description: "",
    device_filter: `device_class__eq=${CLASS}&state__eq=registered`,
    root_manifest_id: MANIFESTS[0]?.id ?? "",
    root_manifest_url: "",
    campaign_strategy: "one-shot",
    phase: "draft",
    state: "",
    autostop: true,
    autostop_success_percent: 100,
    autostop_reason: "",
    approval_required: false,
    when: null,
    started_at: null,
    starting_at: null,
    active_at: null,
    stopping_at: null,
    stopped_at: null,
    archived_at: null,
    finished: null,
    created_at: minutesAgo(300),
    updated_at: minutesAgo(5),
    ...change,
  } as Campaign;
  return { id: whole.id, campaign: whole, standing: standing(whole) };
}

export const CAMPAIGNS: CampaignRow[] = [
  campaign({ id: "c1", name: "Puck 1.42 EU", phase: "active", state: "publishing", started_at: minutesAgo(200) }),
  campaign({ id: "c2", name: "Spring fix", phase: "draft", device_filter: "" }),
  campaign({
    id: "c3",
    name: "Puck 1.42 pilot",
    phase: "stopped",
    state: "autostopped",
    autostop_reason: "The share of successes that ends it was reached.",
    started_at: minutesAgo(4000),
    created_at: minutesAgo(4100),
  }),
  campaign({ id: "c4", name: "Puck 1.41 EU", phase: "archived", created_at: minutesAgo(90_000) }),
];
