/** What a plan for an account of Azure Device Update, and the options it was made with, say beyond what all plans say. */
import type { AzureOptionsRequest, DeliveryOptionsRequest, Plan, PlannedDeployment, PlannedImport } from "../../ipc";
import type { DraftRules } from "../plans.svelte";
import { KIND } from "./routes";

/** The import that a plan makes; `null` for one that goes elsewhere. */
function importOf(plan: Plan): PlannedImport | null {
  if (plan.destination.scheme !== KIND) return null;
  return (plan as Plan & { import?: PlannedImport }).import ?? null;
}

/** The deployment after the import; `null` without one. */
export function deploymentOf(plan: Plan): PlannedDeployment | null {
  return importOf(plan)?.deployment ?? null;
}

/** The update that is imported: `door-panel 3.2.0`. */
export function updateOf(plan: Plan): string | null {
  const id = importOf(plan)?.updates[0]?.id;
  return id === undefined ? null : `${id.name} ${id.version}`;
}

/** Number of the files of its updates, manifests not counted. */
export function payloadCount(plan: Plan): number {
  return (importOf(plan)?.updates ?? []).reduce((sum, { files }) => sum + files.length, 0);
}

/** The options of these accounts among all options of a delivery. */
export function azureOptions(options: DeliveryOptionsRequest): AzureOptionsRequest {
  return options as DeliveryOptionsRequest & AzureOptionsRequest;
}

/** A change of options of these accounts, as a delivery takes it. */
export function asOptions(change: AzureOptionsRequest): DeliveryOptionsRequest {
  return change as DeliveryOptionsRequest & AzureOptionsRequest;
}

/** How the options of a delivery there are written on the command line. */
export const PLAN_RULES: DraftRules = {
  allows: () => true,
  flags: (options) => {
    const { deploy } = azureOptions(options);
    return deploy ? ["--deploy", deploy.group, "--deploy-devices", String(deploy.expect_devices)] : [];
  },
};
