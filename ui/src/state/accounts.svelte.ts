/** The cloud accounts. They change only by what a person does here, so they are asked for after each change. */
import { host, type AccountDraft, type AccountView } from "../ipc";

class Accounts {
  list = $state.raw<AccountView[]>([]);

  async load(): Promise<void> {
    this.list = await host().accounts();
  }

  async save(draft: AccountDraft, isNew: boolean): Promise<AccountView> {
    const saved = await (isNew ? host().addAccount(draft) : host().changeAccount(draft));
    await this.load();
    return saved;
  }

  async remove(name: string): Promise<void> {
    await host().removeAccount(name);
    await this.load();
  }
}

export const accounts = new Accounts();
