/** The account the window shows where only one can be shown. */
import type { AccountView } from "../ipc";
import { accounts } from "./accounts.svelte";
import { session } from "./session.svelte";

class Current {
  /** The chosen one; the first when none was chosen, or the chosen one is gone. */
  readonly account: AccountView | undefined = $derived(accounts.find(session.settings.account) ?? accounts.list[0]);

  /** Chooses it, by its id, for the next start too. */
  choose(name: string): Promise<void> {
    return session.save({ account: name });
  }
}

export const current = new Current();
