/** The account form: what is typed, and what of it is wrong. Which fields there are is said by the kind of account. */
import type { AccountDraftRequest, AccountForm, AccountView, FormField } from "../../ipc";

/** The secret that every account of one secret has. It travels in a field of its own. */
const ACCESS_KEY = "access_key";

export interface Values {
  name: string;
  host: string;
  proxy: string;
  ca: string;
  /** The stored certificates are to be removed. */
  removeCa: boolean;
  production: boolean;
  /** Where the system has no key store, the user consents to a file. */
  keyInFile: boolean;
  /** Fields and secrets of the kind, by their keys. */
  fields: Record<string, string>;
  secrets: Record<string, string>;
}

export function valuesOf(form: AccountForm, account: AccountView | undefined): Values {
  return {
    name: account?.name ?? "",
    // The address that gets the secrets is entered by the user, never filled in.
    host: account?.host ?? "https://",
    proxy: account?.proxy ?? "",
    ca: "",
    removeCa: false,
    production: account?.production ?? false,
    keyInFile: false,
    fields: blank(form.fields),
    secrets: blank(form.secrets),
  };
}

/** What goes to the program. A stored value stays where nothing is entered; the proxy alone is removed by that. */
export function draftOf(form: AccountForm, values: Values): AccountDraftRequest {
  const { [ACCESS_KEY]: accessKey, ...secrets } = entered(values.secrets);
  return {
    name: values.name.trim(),
    kind: form.kind,
    host: values.host.trim(),
    access_key: accessKey ?? null,
    proxy: values.proxy.trim(),
    extra_ca_pem: values.removeCa ? "" : (entered({ ca: values.ca })["ca"] ?? null),
    production: values.production,
    fields: entered(values.fields),
    secrets,
    ...(values.keyInFile ? { key_in_file: true } : {}),
  };
}

/** One sentence for each field that cannot stay as it is, by the name or key of the field. */
export function faults(form: AccountForm, values: Values, isNew: boolean): Record<string, string> {
  const wrong: Record<string, string> = {};
  const proxy = values.proxy.trim();
  if (!/^[A-Za-z0-9._-]+$/.test(values.name.trim())) wrong["name"] = "Letters, digits, dot, dash and underscore";
  if (!/^https?:\/\/[^\s/]+/.test(values.host.trim())) wrong["host"] = form.host.hint || "An https address";
  if (proxy !== "" && !/^(https?|socks5):\/\//.test(proxy)) wrong["proxy"] = "http://, https:// or socks5://";
  if (!values.removeCa && values.ca.trim() !== "" && !values.ca.includes("-----BEGIN CERTIFICATE-----"))
    wrong["ca"] = "A certificate in PEM form";
  if (!isNew) return wrong;
  const typed = { ...entered(values.fields), ...entered(values.secrets) };
  for (const field of [...form.fields, ...form.secrets].filter((each) => isUsed(form, each, values.fields))) {
    const { key, label, required, usual } = field;
    if (required && usual === null && typed[key] === undefined) wrong[key] = `${label} is required`;
  }
  return wrong;
}

/** The value of a field, or its usual one where nothing was entered. */
export function chosen(field: FormField, fields: Record<string, string>): string {
  return (fields[field.key] ?? "") || (field.usual ?? "");
}

/** Whether a field is used, given what the others say. */
export function isUsed(form: AccountForm, { only_when: when }: FormField, fields: Record<string, string>): boolean {
  const other = form.fields.find(({ key }) => key === when?.field);
  return when === null || (other !== undefined && when.is_one_of.includes(chosen(other, fields)));
}

function blank(fields: readonly FormField[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ key }) => [key, ""]));
}

function entered(values: Record<string, string>): Partial<Record<string, string>> & Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value.trim() === "" ? [] : [[key, value.trim()]])),
  );
}
