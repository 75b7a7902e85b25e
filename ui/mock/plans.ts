/** Plans of the page's stand-in: what the program says of its own, at the destinations of the made-up world. */
import type { Confirmation, DeliveryOptionsRequest, Destination, Plan } from "../src/ipc/bindings";
import { cloudPlan, readerPlan } from "./fixtures";
import { HASH, IDENTITY, plan, PLAN_OPTIONS, uploadPhases, writePhases } from "./make";
import { OFFERS, verdictOf } from "./world";

const sentences = ({ risks, if_stopped, verified_when }: Plan) => ({ risks, if_stopped, verified_when });

function destinationOf(text: string): Destination {
  const colon = text.indexOf(":");
  return { scheme: text.slice(0, colon), address: text.slice(colon + 1) };
}

/** What a user confirms by itself: nothing at most destinations. */
function confirmationsOf(destination: string, name: string, production: boolean): Confirmation[] {
  const asked: Confirmation[] = [];
  if (production)
    asked.push({
      about: "production",
      title: `Deliver to ${name}, which is marked as production`,
      consequence: "Devices in use may be updated.",
    });
  if (destination === "smp+serial:/dev/ttyACM5")
    asked.push({
      about: "downgrade",
      title: `Downgrade ${name} from 2.5.0 to 2.4.1`,
      consequence: "Older firmware may not read the settings of newer firmware.",
    });
  return asked;
}

/** The plan of a file to a destination. */
export function planFor(path: string, destination: string, options: DeliveryOptionsRequest): Plan {
  const offer = OFFERS.find((each) => each.destination === destination);
  const name = offer?.name ?? destination;
  const cloud = destination.startsWith("pelion:");
  const { file_name, inspection } = verdictOf(path);
  return plan({
    files: [
      {
        path,
        file_name,
        identity: IDENTITY,
        expected: { size_bytes: inspection.size_bytes, sha256: HASH },
        inspection,
      },
    ],
    destination: destinationOf(destination),
    destination_name: name,
    simulated: offer?.simulated ?? false,
    production: offer?.production ?? false,
    options: { ...PLAN_OPTIONS, ...options },
    remote_name: cloud ? (options.name ?? file_name) : null,
    phases: cloud ? uploadPhases(inspection.size_bytes) : writePhases(inspection.size_bytes),
    impact: cloud ? "upload" : "device_write",
    ...sentences(cloud ? cloudPlan : readerPlan),
    confirmations: confirmationsOf(destination, name, offer?.production ?? false),
  });
}
