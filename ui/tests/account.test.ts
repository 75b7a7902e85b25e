import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { draftOf, faults, valuesOf } from "../src/features/account/accountForm";
import { useHost, type AccountForm, type FormField, type Host } from "../src/ipc";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { diagnosis } from "../mock/make";
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

afterEach(() => vi.restoreAllMocks());

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

describe("the form of an account", () => {
  /** A window with the form of a new account. */
  async function begin(change: Partial<Host> = {}) {
    const host = { ...mockHost({ empty: false, demo: false, theme: "dark" }), ...change };
    useHost(host);
    render(App);
    router.go({ place: "settings", account: "" });
    await screen.findByLabelText(/^Access key/);
    return host;
  }
  const type = (label: RegExp, value: string) => fireEvent.input(screen.getByLabelText(label), { target: { value } });
  const value = (label: RegExp) => screen.getByLabelText<HTMLInputElement>(label).value;
  async function fill() {
    await type(/^Name/, "lab");
    await type(/^Address of the service/, "https://x.org");
    await type(/^Access key/, "ak_lab");
  }

  it("loses nothing but secrets while another page is looked at", async () => {
    await begin();
    await fill();
    router.go({ place: "help" });
    await screen.findByText("Error codes");
    router.go({ place: "settings", account: "" });
    await screen.findByLabelText(/^Access key/);
    expect([value(/^Name/), value(/^Address of the service/), value(/^Access key/)]).toEqual([
      "lab",
      "https://x.org",
      "",
    ]);
    await fireEvent.click(screen.getByRole("button", { name: "Close" }));
    router.go({ place: "settings", account: "" });
    await screen.findByLabelText(/^Access key/);
    expect(value(/^Name/)).toBe("");
  });

  it("leads to the first field that is wrong", async () => {
    await begin();
    await type(/^Name/, "lab");
    await fireEvent.click(screen.getByRole("button", { name: "Add account" }));
    expect(document.activeElement).toBe(screen.getByLabelText(/^Address of the service/));
  });

  it("brings the reason into view when the account was not saved", async () => {
    const seen = vi.spyOn(Element.prototype, "scrollIntoView");
    const refused = Object.assign(new Error("refused"), diagnosis({ title: "There is such an account" }));
    await begin({ addAccount: () => Promise.reject(refused) });
    await fill();
    await fireEvent.click(screen.getByRole("button", { name: "Add account" }));
    await screen.findByText("There is such an account");
    await expect
      .poll(() => seen.mock.contexts.some((each) => each instanceof Element && each.matches(".not-saved")))
      .toBe(true);
  });

  it("is followed by a test of the connection, which comes before the form of the account that was added", async () => {
    const testAccount = vi.fn<Host["testAccount"]>(() => new Promise(() => undefined));
    const [known] = ACCOUNTS;
    if (known === undefined) throw new Error("no account");
    const saved = { ...known, id: "pelion:lab", name: "lab", simulated: false };
    const list = [...ACCOUNTS];
    await begin({
      testAccount,
      accounts: () => Promise.resolve([...list]),
      addAccount: () => {
        list.push(saved);
        return Promise.resolve(saved);
      },
    });
    await fill();
    await fireEvent.click(screen.getByRole("button", { name: "Add account" }));
    await expect.poll(() => testAccount.mock.calls.length).toBe(1);
    const form = await screen.findByLabelText(/^Name/);
    const heading = screen.getByText("Connection");
    expect(heading.compareDocumentPosition(form) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
    router.go({ place: "help" });
    await screen.findByText("Error codes");
    router.back();
    await screen.findByText("Connection");
    expect(testAccount).toHaveBeenCalledOnce();
  });
});
