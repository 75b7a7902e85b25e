/** Saved filters, groups, and what devices are filtered by. */
import type { FilterAttribute } from "../../src/ipc/bindings";
import type { DeviceGroup, SavedQuery } from "../../src/ipc/pelion";
import { minutesAgo } from "../make";
import { CLASS } from "./ids";

export const QUERIES: SavedQuery[] = [
  {
    id: "q1",
    name: "Pucks that are registered",
    query: `device_class__eq=${CLASS}&state__eq=registered`,
    created_at: minutesAgo(9000),
    updated_at: minutesAgo(9000),
  },
];

export const GROUPS: DeviceGroup[] = [
  {
    id: "g1",
    name: "North gate",
    description: "",
    devices_count: 60,
    custom_attributes: {},
    created_at: minutesAgo(9000),
    updated_at: minutesAgo(9000),
  },
];

const text = (field: string, title: string): FilterAttribute => ({
  field,
  title,
  kind: "text",
  operators: ["equal", "not_equal", "in", "not_in"],
  choices: [],
});

export const ATTRIBUTES: FilterAttribute[] = [
  text("device_class", "Device class"),
  {
    ...text("state", "State"),
    kind: "choice",
    choices: ["registered", "deregistered", "bootstrapped", "cloud_enrolling", "unenrolled"],
  },
  text("name", "Name"),
  text("id", "Id"),
  { field: "updated_at", title: "Last change", kind: "moment", operators: ["at_least", "at_most"], choices: [] },
  { field: "custom_attributes__", title: "Custom attribute", kind: "keyed", operators: ["equal"], choices: [] },
];
