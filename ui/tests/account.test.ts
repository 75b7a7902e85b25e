import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { draftOf, faults, valuesOf } from "../src/features/account/accountForm";
import { useHost, type AccountForm, type FormField } from "../src/ipc";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { ACCOUNT_FORMS, ACCOUNTS } from "../mock/world";

const field = (key: string, required = true): FormField => ({
  key,
  label: key,
  hint: "",
  usual: null,
  choices: [],
  only_when: null,
  required,
});

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

it("asks for a secret only where the chosen way to sign in has one", () => {
  const way = { ...field("sign_in"), usual: "secret", choices: [{ value: "secret", label: "Secret" }] };
  const when = { field: "sign_in", is_one_of: ["secret"] };
  const form = { ...FORM, fields: [way], secrets: [{ ...field("client_secret"), only_when: when }] };
  const values = { ...valuesOf(form, undefined), name: "lab", host: "https://x.org" };
  expect(Object.keys(faults(form, values, true))).toEqual(["client_secret"]);
  values.fields["sign_in"] = "browser";
  expect(faults(form, values, true)).toEqual({});
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

it("adds an account from the form of its kind", async () => {
  const host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost(host);
  const add = vi.spyOn(host, "addAccount");
  render(App);
  router.go({ place: "settings", account: "" });
  await fireEvent.input(await screen.findByLabelText(/^Access key/), { target: { value: "ak_lab" } });
  await fireEvent.input(screen.getByLabelText(/^Name/), { target: { value: "lab" } });
  await fireEvent.input(screen.getByLabelText(/^Address of the service/), { target: { value: "https://x.org" } });
  await fireEvent.click(screen.getByRole("button", { name: "Add account" }));
  await vi.waitFor(() => expect(add).toHaveBeenCalledOnce());
  expect(add.mock.calls[0]?.[0]).toMatchObject({ kind: "pelion", host: "https://x.org", access_key: "ak_lab" });
});
