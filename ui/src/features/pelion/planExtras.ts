/** What the screen that confirms a delivery says of one to a Pelion account. */
import type { Plan } from "../../ipc";
import { plural } from "../../shared/format";
import { campaignOf } from "../../state/pelion/plan";

/** What confirming does after the uploads. */
function confirm(plans: readonly Plan[]): string[] {
  const campaigns = plans.flatMap((plan) => campaignOf(plan) ?? []);
  const starts = campaigns.filter((campaign) => campaign.start);
  const drafts = campaigns.length - starts.length;
  const devices = starts.reduce((sum, campaign) => sum + campaign.matching_devices, 0);
  return [
    ...(drafts > 0 ? [`draft ${plural(drafts, "campaign")}`] : []),
    ...(starts.length > 0 ? [`start ${plural(starts.length, "campaign")} for ${plural(devices, "device")}`] : []),
  ];
}

function impact(plan: Plan): string {
  const campaign = campaignOf(plan);
  if (campaign === null) return "adds a firmware image";
  return `adds a firmware image, ${campaign.start ? "starts" : "drafts"} a campaign`;
}

export const PLAN_EXTRAS = { confirm, impact };
