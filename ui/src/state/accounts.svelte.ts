/** The cloud accounts. They change only by what the user does here, so they are read after each change. */
import { SvelteMap } from "svelte/reactivity";
import { host, type AccountDraftRequest, type AccountForm, type AccountView, type ConnectionReport } from "../ipc";

class Accounts {
  list = $state.raw<AccountView[]>([]);
  /** What an account of each kind needs; it does not change while the program runs. */
  forms = $state.raw<AccountForm[]>([]);
  /** An account that was added a moment ago: its connection is tested without being asked for, once. */
  untested: string | undefined;
  /** What the last test of each account found, since the window was opened. */
  readonly tests = new SvelteMap<string, ConnectionReport>();
  #listeners: (() => void)[] = [];

  /** Calls it whenever an account was saved or removed: another service may stand behind the same name. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async load(): Promise<void> {
    [this.list, this.forms] = await Promise.all([host().accounts(), host().accountForms()]);
  }

  /** The account that is called so: by its id, or by its name where settings or an address hold no more. */
  find(text: string | null | undefined): AccountView | undefined {
    return this.list.find((each) => each.id === text) ?? this.list.find((each) => each.name === text);
  }

  /** The account of this kind and name. */
  of(kind: string, name: string | undefined): AccountView | undefined {
    return this.list.find((each) => each.kind === kind && each.name === name);
  }

  async save(draft: AccountDraftRequest, isNew: boolean): Promise<AccountView> {
    const saved = await (isNew ? host().addAccount(draft) : host().changeAccount(draft));
    await this.#changed();
    return saved;
  }

  async remove(id: string): Promise<void> {
    await host().removeAccount(id);
    await this.#changed();
  }

  async #changed(): Promise<void> {
    // What was found at the address of before says nothing of the present one.
    this.tests.clear();
    for (const listener of this.#listeners) listener();
    await this.load();
  }
}

export const accounts = new Accounts();
