/** What the screen that confirms a delivery says of one to Azure Device Update. */
import type { Plan } from "../../ipc";
import { plural } from "../../shared/format";
import { deploymentOf, payloadCount, updateOf } from "../../state/azure/plan";

/** What these plans do there: the one update by its name, several by their number. */
function deed(plans: readonly Plan[]): string {
  const [only, ...others] = plans;
  const update = only === undefined || others.length > 0 ? null : updateOf(only);
  return `import ${update ?? plural(plans.length, "update")}`;
}

/** What follows the imports. */
function confirm(plans: readonly Plan[]): string[] {
  const devices = plans.reduce((sum, plan) => sum + (deploymentOf(plan)?.expect_devices ?? 0), 0);
  return devices > 0 ? [`deploy to ${plural(devices, "device")}`] : [];
}

function impact(plan: Plan): string {
  const imports = `imports an update of ${plural(payloadCount(plan), "file")}`;
  const deployment = deploymentOf(plan);
  return deployment === null ? imports : `${imports}, deploys it to ${plural(deployment.expect_devices, "device")}`;
}

export const PLAN_EXTRAS = { deed, confirm, impact };
