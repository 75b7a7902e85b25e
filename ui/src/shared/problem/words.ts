/** What a remedy's button says, and what pressing it does. */
import type { Remedy } from "../../ipc";
import { duration } from "../format";

export type Act = Remedy["act"];

/** What this place can do about a failure. Remedies it cannot do are shown as sentences. */
export type Acts = { [A in Act]?: (remedy: Extract<Remedy, { act: A }>) => void };

interface Words {
  button: string;
  hint: string;
}

export function remedyWords(remedy: Remedy): Words {
  switch (remedy.act) {
    case "resume":
      return { button: "Resume", hint: "Resumes from what the other side holds" };
    case "plan_again":
      return { button: "Send again…", hint: "Opens the plan, sends nothing yet" };
    case "choose_another_file":
      return { button: "Choose another file…", hint: "Opens the file dialog" };
    case "inspect_again":
      return { button: "Inspect again", hint: "Reads the same file again" };
    case "give_address":
      return { button: "Give the address…", hint: "Says where in memory the image belongs" };
    case "use_existing_image":
      return { button: "Use the existing image", hint: `The service holds these bytes as ${remedy.image_id}` };
    case "adopt_upload_job":
      return {
        button: "Adopt the upload job",
        hint: `Goes on in ${remedy.upload_job_id}, behind the chunks it holds. Only when no other program still sends into it`,
      };
    case "choose_another_name":
      return { button: `Use “${remedy.suggestion}”`, hint: "A name that is probably free" };
    case "test_account":
      return { button: "Test the connection", hint: `Tries ${remedy.account} layer by layer` };
    case "edit_account":
      return { button: "Open the account…", hint: `Address, proxy, certificate and key of ${remedy.account}` };
    case "wait":
      return { button: "Wait", hint: `The service requests a wait of ${duration(remedy.seconds)}` };
    case "reconnect":
      return { button: "Reconnect", hint: "Plug the reader in again, or bring it back into reach" };
    case "close_other_program":
      return { button: "Close the other program", hint: "Close the program that holds it, then try again" };
    case "free_space":
      return { button: "Free space", hint: "Make room on the disk, then try again" };
    case "advice":
      return { button: "", hint: remedy.text };
  }
}

/** The act of a remedy here, or `undefined` when only the user can do it. */
export function actOf(remedy: Remedy, acts: Acts): (() => void) | undefined {
  const act = acts[remedy.act] as ((remedy: Remedy) => void) | undefined;
  return act === undefined ? undefined : () => act(remedy);
}
