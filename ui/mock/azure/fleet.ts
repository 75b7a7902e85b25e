/** The made-up account's devices, their classes, and the logs that were collected from them. */
import type { AduDeviceRow, ClassRow, ExplainedCode, LogRow } from "../../src/ipc/bindings";
import type { AzureHost } from "../../src/ipc/azure";
import { diagnosis, minutesAgo } from "../make";

const CLASSES: ClassRow[] = ["door-panel", "door-panel-b"].map((model, index) => ({
  id: `${index}9f3c2a7d1b5e8f60a4c8d2e6f1b3a5c7d9e0f24`,
  name: index === 0 ? "Door panels" : null,
  properties: { manufacturer: "contoso", model },
  contract_model: { id: "dtmi:azure:iot:deviceUpdateContractModel;3" },
  best_update: index === 0 ? "contoso/door-panel/3.2.0" : null,
}));

const NO_CRITERIA: ExplainedCode = {
  hex: "0x30100206",
  number: 806_355_462,
  facility: "update handler",
  component: "swupdate handler",
  value: 518,
  is_foreign_value: false,
  cause: "the step has no installedCriteria",
  help: "Give handlerProperties.installedCriteria in the manifest.",
};

function device(number: number, status: string): AduDeviceRow {
  const failed = status === "Failed";
  return {
    id: `panel-${String(number).padStart(3, "0")}`,
    class: CLASSES[0]?.id ?? "",
    group: "lab-panels",
    installed: `contoso/door-panel/${failed ? "3.1.0" : "3.2.0"}`,
    attempted: "contoso/door-panel/3.2.0",
    status,
    result: failed ? "0 (failed): the step has no installedCriteria" : "700 (applied)",
    result_code: failed ? NO_CRITERIA.hex : null,
    on_latest: !failed,
    last_deployment: "spring-lab",
    report: {
      succeeded: !failed,
      result: failed ? "0 (failed)" : "700 (applied)",
      code: failed ? NO_CRITERIA : null,
      details: null,
      steps: [],
    },
  };
}

/** The part of the stand-in that knows devices. */
export function mockFleet(): Pick<
  AzureHost,
  | "devices"
  | "deviceHealth"
  | "classes"
  | "updatesOfClass"
  | "renameClass"
  | "compliance"
  | "bestUpdates"
  | "explainCode"
  | "collectLogs"
  | "logs"
  | "log"
> {
  const devices = Array.from({ length: 12 }, (_, at) => device(at + 1, at === 3 ? "Failed" : "Succeeded"));
  let logs: LogRow[] = [];
  return {
    devices: (_account, group) => Promise.resolve(devices.filter((each) => group === null || each.group === group)),
    deviceHealth: () => Promise.resolve({ state: "healthy", checks: [{ name: "LatestTelemetry", result: "success" }] }),
    classes: () => Promise.resolve(CLASSES),
    updatesOfClass: () => Promise.resolve(["contoso/door-panel/3.2.0", "contoso/door-panel/3.1.0"]),
    renameClass: (_account, id, name) => {
      const found = CLASSES.find((each) => each.id === id);
      return found === undefined ? Promise.reject(new Error("no such class")) : Promise.resolve({ ...found, name });
    },
    compliance: () => Promise.resolve({ total: 12, on_latest: 11, update_available: 1, in_progress: 0 }),
    bestUpdates: () =>
      Promise.resolve([{ class: CLASSES[0]?.id ?? "", update: "contoso/door-panel/3.2.0", devices: 1 }]),
    explainCode: (text) =>
      text.trim() === NO_CRITERIA.hex
        ? Promise.resolve(NO_CRITERIA)
        : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the program rejects with a diagnosis
          Promise.reject(diagnosis({ title: "Not a result code", why: "A result code is a number of 32 bits." })),
    collectLogs: (_account, { id, devices: of, description }) => {
      const now = minutesAgo(0);
      const made = {
        id,
        description: description ?? null,
        status: "Running",
        is_over: false,
        devices: of,
        created: now,
        changed: now,
      };
      logs = [made, ...logs];
      return Promise.resolve(made);
    },
    logs: () => Promise.resolve(logs),
    log: (_account, id) =>
      Promise.resolve({
        status: "Succeeded",
        is_over: true,
        changed: minutesAgo(0),
        devices: (logs.find((each) => each.id === id)?.devices ?? []).map((each) => ({
          id: each,
          status: "Succeeded",
          result: "200",
          code: null,
          location: `${each}/${id}.zip`,
        })),
      }),
  };
}
