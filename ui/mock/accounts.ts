/** What the preview makes of an account that is entered. */
import type { AccountDraftRequest, AccountView } from "../src/ipc/bindings";

export const savedAccount = (draft: AccountDraftRequest): AccountView => ({
  id: `${draft.kind ?? "pelion"}:${draft.name}`,
  name: draft.name,
  kind: draft.kind ?? "pelion",
  host: draft.host,
  proxy: draft.proxy === "" ? null : (draft.proxy ?? null),
  has_extra_ca: (draft.extra_ca_pem ?? "") !== "",
  production: draft.production,
  simulated: false,
  key_storage: "key_store",
});
