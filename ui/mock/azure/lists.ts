/** The made-up account's updates, operations, groups and deployments. */
import type { DeploymentRow, OperationRow, UpdateRow } from "../../src/ipc/bindings";
import type { AzureHost } from "../../src/ipc/azure";
import { diagnosis, minutesAgo } from "../make";

function update(name: string, version: string, minutes: number, change: Partial<UpdateRow> = {}): UpdateRow {
  return {
    id: `contoso/${name}/${version}`,
    provider: "contoso",
    name,
    version,
    friendly_name: null,
    description: "Display driver 4, faster wake-up",
    is_deployable: true,
    compatibility: [{ manufacturer: "contoso", model: name }],
    steps: ["microsoft/script:1", "microsoft/swupdate:1"],
    referenced_by: [],
    manifest_version: "5.0",
    imported: minutesAgo(minutes),
    scan_result: null,
    ...change,
  };
}

const UPDATES = [
  update("door-panel", "3.2.0", 12),
  update("door-panel", "3.1.0", 60 * 24 * 3),
  update("gateway", "6.9.0", 60 * 30, { steps: ["contoso/door-panel/3.1.0"], description: null }),
  update("reader-head", "1.4.2", 60 * 50, { is_deployable: false, referenced_by: ["contoso/gateway/6.9.0"] }),
];

const OPERATIONS: OperationRow[] = [
  {
    id: "4d2f6b1c-9a7e-4f7d-9d2a-0a5d3e1c9b77",
    status: "Running",
    is_over: false,
    update: "contoso/door-panel/3.3.0",
    created: minutesAgo(2),
    changed: minutesAgo(1),
    trace_id: "00-6c1f0e2ab7b94d0f9e6f2f0c7f7fd1c2-7a85b1f3c2d4e5f6-01",
    failure: null,
  },
  {
    id: "a1c9d2e3-1b2c-4d5e-8f90-123456789abc",
    status: "Failed",
    is_over: true,
    update: "contoso/gateway/6.10.0",
    created: minutesAgo(95),
    changed: minutesAgo(93),
    trace_id: null,
    failure: diagnosis({
      title: "The service could not download a file",
      what_happened: "The import of contoso/gateway/6.10.0 failed.",
      why: "The link to gateway.swu had expired.",
      state_now: "No update was imported.",
    }),
  },
  {
    id: "77c9d2e3-1b2c-4d5e-8f90-123456789abc",
    status: "Succeeded",
    is_over: true,
    update: "contoso/door-panel/3.2.0",
    created: minutesAgo(14),
    changed: minutesAgo(12),
    trace_id: null,
    failure: null,
  },
];

const deployment = (id: string, update: string, group: string, minutes: number): DeploymentRow => ({
  id,
  group,
  update,
  start: minutesAgo(minutes),
  is_canceled: false,
  is_retried: false,
  is_rollback: false,
  classes: ["c1"],
});

/** The part of the stand-in that lists what the account holds. */
export function mockLists(): Pick<
  AzureHost,
  | "updates"
  | "update"
  | "deleteUpdate"
  | "operations"
  | "groups"
  | "reach"
  | "reachOfManifest"
  | "deployments"
  | "deployment"
  | "startDeployment"
  | "cancelDeployment"
  | "retryDeployment"
  | "deleteDeployment"
> {
  let updates = UPDATES;
  let deployments = [
    deployment("spring-lab", "contoso/door-panel/3.2.0", "lab-panels", 8),
    deployment("winter", "contoso/door-panel/3.1.0", "lab-panels", 60 * 24 * 3),
  ];
  const view = (id: string) => {
    const found = deployments.find((each) => each.id === id) ?? deployments[0];
    if (found === undefined) return Promise.reject(new Error("no such deployment"));
    const reported = { total: 12, succeeded: 9, failed: 1, canceled: 0, in_progress: 2 };
    return Promise.resolve({
      deployment: found,
      state: "Active",
      error: null,
      reported,
      in_words: "9 of 12 devices have the update, 1 failed, 2 in progress",
      is_over: false,
      not_reported: 2,
    });
  };
  const reach = (group: string) =>
    Promise.resolve({
      group,
      subgroups: [
        {
          class_id: "c1",
          class_name: "door-panel",
          properties: { manufacturer: "contoso", model: "door-panel" },
          fits: true,
          devices: group === "lab-panels" ? 10 : 300,
          have_it: 3,
          active_deployment: group === "lab-panels" ? "winter" : null,
        },
        {
          class_id: "c2",
          class_name: null,
          properties: { manufacturer: "contoso", model: "door-panel-b" },
          fits: false,
          devices: group === "lab-panels" ? 2 : 12,
          have_it: 0,
          active_deployment: null,
        },
      ],
    });
  return {
    updates: () => Promise.resolve(updates),
    update: (_account, { name, version }) => {
      const found = updates.find((each) => each.name === name && each.version === version);
      return found === undefined
        ? Promise.reject(new Error("no such update"))
        : Promise.resolve({
            update: found,
            files: [{ name: `${name}-${version}.swu`, size_bytes: 222_717_542, sha256: "nyxBuOA9WneQ", related: [] }],
          });
    },
    deleteUpdate: (_account, { name, version }) => {
      updates = updates.filter((each) => each.name !== name || each.version !== version);
      return Promise.resolve();
    },
    operations: () => Promise.resolve(OPERATIONS),
    groups: () =>
      Promise.resolve(
        [
          ["lab-panels", 12],
          ["entrance-halls", 312],
        ].map(([id, devices]) => ({
          id: String(id),
          devices: Number(devices),
          created: minutesAgo(60 * 24 * 90),
          deployments: [],
          classes_with_new_updates: 1,
          classes_on_latest_update: 0,
        })),
      ),
    reach: (_account, group) => reach(group),
    reachOfManifest: (_account, group) => reach(group),
    deployments: (_account, group) => Promise.resolve(deployments.filter((each) => each.group === group)),
    deployment: (_account, _group, id) => view(id),
    startDeployment: (_account, start) => {
      const made = deployment(start.deployment_id, `${start.provider}/${start.name}/${start.version}`, start.group, 0);
      deployments = [made, ...deployments];
      return Promise.resolve(made);
    },
    cancelDeployment: (_account, _group, id) => {
      deployments = deployments.map((each) => (each.id === id ? { ...each, is_canceled: true } : each));
      return view(id);
    },
    retryDeployment: (_account, _group, id) => view(id),
    deleteDeployment: (_account, _group, id) => {
      deployments = deployments.filter((each) => each.id !== id);
      return Promise.resolve();
    },
  };
}
