/** Plans of the page's stand-in: those of the program, for the file that is on the table. */
import type { DeliveryOptionsRequest, Destination, Plan } from "../src/ipc/bindings";
import { imageOf } from "../src/state/planFiles";
import { plans } from "./fixtures";
import { newId, planTo, written } from "./make";
import { verdictOf } from "./world";

/** A reader that was added by hand is planned for like one that answers there. */
const LIKE: Record<string, string> = {
  "smp+udp": "smp+udp:192.168.16.40:1337",
  "smp+serial": "smp+serial:/dev/ttyACM0",
  sim: "sim:reader-3",
};

function destinationOf(text: string): Destination {
  const colon = text.indexOf(":");
  return { scheme: text.slice(0, colon), address: text.slice(colon + 1) };
}

function like(destination: Destination): Plan {
  const known = plans.find((each) => written(each.destination) === written(destination));
  if (known) return known;
  const other = planTo(LIKE[destination.scheme] ?? "pelion:demo");
  return { ...other, destination, destination_name: destination.address, confirmations: [] };
}

/** The plan of a file to a destination. */
export function planFor(path: string, destination: string, options: DeliveryOptionsRequest): Plan {
  const known = like(destinationOf(destination));
  const { file_name, inspection } = verdictOf(path);
  return {
    ...known,
    id: newId("plan"),
    files: [{ ...imageOf(known), path, file_name, inspection }],
    options: { ...known.options, ...options },
    remote_name: known.remote_name === null ? null : (options.name ?? file_name),
  };
}
