import { expect, it } from "vitest";
import { draftOf, faults, valuesOf } from "../src/features/account/accountForm";
import type { AccountForm, FormField } from "../src/ipc";
import { ACCOUNT_FORMS, ACCOUNTS } from "../mock/world";

const field = (key: string, required = true): FormField => ({ key, label: key, hint: "", usual: null, required });

const FORM: AccountForm = {
  kind: "other",
  title: "Other",
  hint: "",
  host: field("host"),
  fields: [field("tenant"), field("instance", false)],
  secrets: [field("access_key"), field("client_secret")],
};

it("asks for what the kind needs, and only when the account is new", () => {
  const values = { ...valuesOf(FORM, undefined), name: "lab", host: "https://x.org" };
  expect(Object.keys(faults(FORM, values, true))).toEqual(["tenant", "access_key", "client_secret"]);
  expect(faults(FORM, values, false)).toEqual({});
});

it("sends the access key and the other secrets where each belongs, and nothing that was left empty", () => {
  const values = valuesOf(FORM, undefined);
  values.fields["tenant"] = " contoso ";
  values.secrets["access_key"] = "ak";
  values.secrets["client_secret"] = "cs";
  const draft = draftOf(FORM, values);
  expect(draft).toMatchObject({ kind: "other", access_key: "ak", extra_ca_pem: null });
  expect(draft.fields).toEqual({ tenant: "contoso" });
  expect(draft.secrets).toEqual({ client_secret: "cs" });
});

it("removes stored certificates with an empty text and leaves them with none", () => {
  const form = ACCOUNT_FORMS[0];
  if (form === undefined) throw new Error("no form");
  const values = valuesOf(form, ACCOUNTS[0]);
  expect(draftOf(form, values).extra_ca_pem).toBeNull();
  expect(draftOf(form, { ...values, removeCa: true, ca: "something else" }).extra_ca_pem).toBe("");
});
