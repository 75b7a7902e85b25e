/** The world of the preview: readers of every access, accounts, and where a file can go, as the program says it. */
import type { AccountView, DestinationOffer, ReaderView, Verdict } from "../src/ipc/bindings";
import { accounts, readers, verdicts } from "./fixtures";

/** As the program answers them. */
export { accountForms as ACCOUNT_FORMS, errorCodes as ERROR_CODES } from "./fixtures";

/** Accounts of the preview, in the order of its list: the demo's first, the one in production last. */
const SHOWN = ["pelion:demo", "pelion:staging-eu", "adu:contoso-blue", "pelion:production-eu"];

export const ACCOUNTS: AccountView[] = SHOWN.flatMap((id) => accounts.filter((each) => each.id === id));

/** The reader that one of the preview's jobs writes. */
const WRITTEN = { destination: "smp+serial:/dev/ttyACM2", job: "3f07aa000001" };

export const READERS: ReaderView[] = readers.map((view) =>
  view.destination === WRITTEN.destination ? { ...view, job: WRITTEN.job } : view,
);

function offered({ destinations }: Verdict): DestinationOffer[] {
  const leads = (group: string) => destinations.filter((each) => each.group === group);
  return [...leads("readers"), ...SHOWN.flatMap((id) => leads("clouds").filter((each) => each.destination === id))];
}

/** The verdict on a file: that on raw bytes, or that on the image, by the end of its name. */
export function verdictOf(path: string): Verdict {
  const file_name = path.split("/").at(-1) ?? path;
  const known = file_name.endsWith(".raw") ? verdicts.raw : verdicts.image;
  return { ...known, path, file_name, destinations: offered(known) };
}
