/** The cloud accounts. They change only by what the user does here, so they are read after each change. */
import { host, type AccountDraftRequest, type AccountForm, type AccountView } from "../ipc";

class Accounts {
  list = $state.raw<AccountView[]>([]);
  /** What an account of each kind needs; it does not change while the program runs. */
  forms = $state.raw<AccountForm[]>([]);
  #listeners: (() => void)[] = [];

  /** Calls it whenever an account was saved or removed: another service may stand behind the same name. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async load(): Promise<void> {
    [this.list, this.forms] = await Promise.all([host().accounts(), host().accountForms()]);
  }

  async save(draft: AccountDraftRequest, isNew: boolean): Promise<AccountView> {
    const saved = await (isNew ? host().addAccount(draft) : host().changeAccount(draft));
    await this.#changed();
    return saved;
  }

  async remove(name: string): Promise<void> {
    await host().removeAccount(name);
    await this.#changed();
  }

  async #changed(): Promise<void> {
    for (const listener of this.#listeners) listener();
    await this.load();
  }
}

export const accounts = new Accounts();
