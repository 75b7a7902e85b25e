/** What a remedy's button says, and what pressing it does. */
import type { Remedy } from "../../ipc";
import { duration } from "../format";

export type Act = Remedy["act"];

/** What this place can do about a failure. */
export type Acts = { [A in Act]?: (remedy: Extract<Remedy, { act: A }>) => void };

/** What every place can do about every failure; `retry` does again what failed. Advice is for the user alone. */
export type UsualActs = (retry: () => void) => Required<Omit<Acts, "advice">>;

let usual: UsualActs | undefined;

/** Sets what every place can do. Set once, before anything is drawn. */
export function useUsualActs(acts: UsualActs): void {
  usual = acts;
}

/** What can be done here: what the place can do itself, and otherwise what every place can. */
export function actsHere(acts: Acts, retry: () => void): Acts {
  return { ...usual?.(retry), ...acts };
}

/** Remedies that need a job or a plan. Where there is none they do again what failed, and a button does not promise more. */
const OF_A_DELIVERY = new Set<Act>([
  "resume",
  "plan_again",
  "use_existing_image",
  "adopt_upload_job",
  "choose_another_name",
]);
const RETRIES = new Set<Act>(["wait", "reconnect", "close_other_program", "free_space", "inspect_again"]);

/** What a place offers of the remedies: with its own acts all of them, without them nothing that only a delivery can do. */
export function remediesHere(remedies: readonly Remedy[], acts: Acts): Remedy[] {
  const isForeign = ({ act }: Remedy) => OF_A_DELIVERY.has(act) && acts[act] === undefined;
  return remedies.filter((remedy) => !isForeign(remedy));
}

/** Whether one of them does again what failed. */
export function canRetry(remedies: readonly Remedy[]): boolean {
  return remedies.some(({ act }) => RETRIES.has(act));
}

interface Words {
  button: string;
  hint: string;
}

export function remedyWords(remedy: Remedy): Words {
  switch (remedy.act) {
    case "resume":
      return { button: "Resume", hint: "Resumes from what the other side holds" };
    case "plan_again":
      return { button: "Send again…", hint: "Opens the plan; nothing is sent yet" };
    case "choose_another_file":
      return { button: "Choose another file…", hint: "Opens the file dialog" };
    case "inspect_again":
      return { button: "Inspect again", hint: "Reads the same file again" };
    case "use_existing_image":
      return { button: "Use the existing image", hint: `The service holds these bytes as ${remedy.image_id}` };
    case "adopt_upload_job":
      return {
        button: "Adopt the upload job",
        hint: `Continues ${remedy.upload_job_id} after its last chunk. Only when no other program still sends into it`,
      };
    case "choose_another_name":
      return { button: `Use “${remedy.suggestion}”`, hint: "This name is probably free" };
    case "test_account":
      return { button: "Test the connection", hint: `Tries ${remedy.account} layer by layer` };
    case "edit_account":
      return { button: "Open the account…", hint: `Address, proxy, certificate and key of ${remedy.account}` };
    case "allow_host":
      return { button: "Allow this host…", hint: `${remedy.host} is in a private network. You are asked once more` };
    case "wait":
      return { button: "Try again", hint: `The service asks to wait ${duration(remedy.seconds)} first` };
    case "reconnect":
      return { button: "Try again", hint: "Plug the reader in again, or bring it back into reach, first" };
    case "close_other_program":
      return { button: "Try again", hint: "Close the program that holds it first" };
    case "free_space":
      return { button: "Try again", hint: "Make room on the disk first" };
    case "advice":
      return { button: "", hint: remedy.text };
  }
}

/** The act of a remedy here, or `undefined` when only the user can do it. */
export function actOf(remedy: Remedy, acts: Acts): (() => void) | undefined {
  const act = acts[remedy.act] as ((remedy: Remedy) => void) | undefined;
  return act === undefined ? undefined : () => act(remedy);
}
