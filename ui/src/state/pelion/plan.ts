/** What a plan for a Pelion account, and the options it was made with, say beyond what all plans say. */
import type { DeliveryOptionsRequest, PelionOptionsRequest, Plan, PlannedCampaign } from "../../ipc";
import { KIND } from "./routes";

/** The part of a plan that the backend of these accounts adds. */
export interface PelionPlan {
  campaign?: PlannedCampaign | null;
}

/** The campaign that follows the upload; `null` when none does, or when the plan goes elsewhere. */
export function campaignOf(plan: Plan): PlannedCampaign | null {
  if (plan.destination.scheme !== KIND) return null;
  return (plan as Plan & PelionPlan).campaign ?? null;
}

/** The options of these accounts among all options of a delivery. */
export function pelionOptions(options: DeliveryOptionsRequest): PelionOptionsRequest {
  return options as DeliveryOptionsRequest & PelionOptionsRequest;
}

/** A change of options of these accounts, as a delivery takes it. */
export function asOptions(change: PelionOptionsRequest): DeliveryOptionsRequest {
  return change as DeliveryOptionsRequest & PelionOptionsRequest;
}
