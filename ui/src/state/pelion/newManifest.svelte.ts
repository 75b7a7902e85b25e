/** The manifest a person is about to sign. Nothing is guessed in silence: what is filled in says where it comes from. */
import type { DeviceRow, Diagnosis, KeyEntry, ManifestOrderRequest } from "../../ipc";
import { pelion } from "../../ipc/pelion";
import { accounts } from "../accounts.svelte";
import { announcer } from "../announce.svelte";
import { characters } from "../characters";
import { attempt } from "../attempt";
import { KIND, pageOf } from "./routes";
import { router } from "../route.svelte";
import { manifestKeys } from "./keys.svelte";
import { clouds } from "./lists.svelte";
import {
  compareVersions,
  componentProblem,
  idProblem,
  MANIFEST_NAME_LIMIT,
  nextVersion,
  plainId,
  priorityProblem,
  versionProblem,
} from "./manifestRules";
import { FULL_PAGE } from "./pages.svelte";

/** Devices of one vendor and class among the newest ones. */
export interface DeviceKind {
  vendor: string;
  class: string;
  count: number;
  /** The newest of them. */
  example: string;
  /** The greatest version they report; empty when they report none. */
  highest: string;
}

export function kindsOf(devices: readonly DeviceRow[]): DeviceKind[] {
  const kinds: DeviceKind[] = [];
  for (const device of devices) {
    const [vendor, deviceClass] = [plainId(device.vendor_id), plainId(device.device_class)];
    if (vendor === "" || deviceClass === "") continue;
    const known = kinds.find((kind) => kind.vendor === vendor && kind.class === deviceClass);
    if (known === undefined) {
      kinds.push({ vendor, class: deviceClass, count: 1, example: device.name, highest: device.version });
      continue;
    }
    known.count += 1;
    if (compareVersions(device.version, known.highest) > 0) known.highest = device.version;
  }
  return kinds;
}

export class NewManifest {
  readonly account: string;
  image = $state<string | null>(null);
  /** `null` until a person chooses one. */
  chosenKey = $state<string | null>(null);
  /** What a person typed; `null` while it is filled in for them. */
  typedName = $state<string | null>(null);
  typedVendor = $state<string | null>(null);
  typedClass = $state<string | null>(null);
  typedVersion = $state<string | null>(null);
  component = $state("MAIN");
  priority = $state("0");
  schema1 = $state(false);
  signImage = $state(false);
  kinds = $state.raw<readonly DeviceKind[]>([]);
  busy = $state(false);
  problem = $state.raw<Diagnosis | null>(null);
  /** Why keys or devices could not be read. */
  readProblem = $state.raw<Diagnosis | null>(null);

  constructor(account: string, image: string | null) {
    this.account = account;
    this.image = image;
  }

  readonly of = $derived.by(() => accounts.of(KIND, this.account));
  readonly images = $derived.by(() => clouds.of(this.account).images);
  readonly picture = $derived.by(() => this.images.rows.find((image) => image.id === this.image));
  readonly usable: readonly KeyEntry[] = $derived.by(() =>
    manifestKeys.list.filter((key) => this.of?.production !== true || key.purpose === "production"),
  );
  /** The only usable one is chosen by itself. */
  readonly key = $derived.by(() =>
    this.chosenKey === null && this.usable.length === 1 ? this.usable[0] : manifestKeys.of(this.chosenKey),
  );
  readonly keyProblem: string | undefined = $derived.by(() => {
    if (this.key === undefined) return "Choose the key that signs it";
    if (this.of?.production === true && this.key.purpose === "development")
      return "A production account takes no development key: devices in people's hands do not trust it";
    if (this.schema1 && this.key.certificate === null)
      return "Schema 1 names the certificate that devices hold, and this key has none. Keys… gives it one";
    return undefined;
  });

  /** The kind of device that fits what the key's certificate says, when there is exactly one. */
  readonly #kind: DeviceKind | undefined = $derived.by(() => {
    const { vendor_id = null, class_id = null } = this.key?.certificate ?? {};
    const fits = (said: string | null, id: string) => said === null || plainId(said) === id;
    const kinds = this.kinds.filter((kind) => fits(vendor_id, kind.vendor) && fits(class_id, kind.class));
    return kinds.length === 1 ? kinds[0] : undefined;
  });
  readonly vendor: string = $derived.by(
    () => this.typedVendor ?? this.key?.certificate?.vendor_id ?? this.#kind?.vendor ?? "",
  );
  readonly class: string = $derived.by(
    () => this.typedClass ?? this.key?.certificate?.class_id ?? this.#kind?.class ?? "",
  );
  readonly vendorHint = $derived.by(() =>
    this.#from(this.typedVendor, this.key?.certificate?.vendor_id, this.#kind?.vendor),
  );
  readonly classHint = $derived.by(() =>
    this.#from(this.typedClass, this.key?.certificate?.class_id, this.#kind?.class),
  );

  /** The devices of the account that it is for. */
  readonly meant: DeviceKind | undefined = $derived.by(() =>
    this.kinds.find((kind) => kind.vendor === plainId(this.vendor) && kind.class === plainId(this.class)),
  );
  readonly version: string = $derived.by(() => this.typedVersion ?? nextVersion(this.meant?.highest ?? ""));
  readonly versionHint = $derived.by(() => {
    const highest = this.meant?.highest ?? "";
    if (highest === "") return "Must be greater than the devices' version";
    return compareVersions(this.version, highest) > 0
      ? `Devices run up to ${highest}`
      : `Devices that run ${highest} refuse it: it is not greater`;
  });
  readonly versionRefused = $derived.by(
    () =>
      versionProblem(this.version) === undefined &&
      this.meant !== undefined &&
      this.meant.highest !== "" &&
      compareVersions(this.version, this.meant.highest) <= 0,
  );
  readonly name: string = $derived.by(
    () =>
      this.typedName ??
      (this.picture === undefined ? "" : [this.picture.name, this.schema1 ? "" : this.version].join(" ").trim()),
  );

  readonly wrong = $derived.by(() => ({
    image: this.picture === undefined ? "Choose a firmware image" : undefined,
    key: this.keyProblem,
    name:
      this.name.trim() === ""
        ? "A manifest needs a name"
        : characters(this.name) > MANIFEST_NAME_LIMIT
          ? `At most ${MANIFEST_NAME_LIMIT} characters`
          : undefined,
    vendor: idProblem(this.vendor),
    class: idProblem(this.class),
    version: this.schema1 ? undefined : versionProblem(this.version),
    component: this.schema1 ? undefined : componentProblem(this.component),
    priority: priorityProblem(this.priority),
  }));
  /** What is missing, in the order of the form. */
  readonly blockers: string[] = $derived.by(() => {
    const { image, key, name, vendor, class: deviceClass, version, component, priority } = this.wrong;
    return [
      image,
      key,
      name,
      vendor && `Vendor id: ${vendor}`,
      deviceClass && `Class id: ${deviceClass}`,
      version && `Version: ${version}`,
      component && `Component: ${component}`,
      priority && `Priority: ${priority}`,
    ].filter((text) => text !== undefined);
  });

  /** Reads what it can be made of. */
  async load(): Promise<void> {
    this.images.loadOnce();
    this.readProblem = await attempt(async () => {
      await manifestKeys.load();
      const newest = await pelion().devices(this.account, { limit: FULL_PAGE, newest_first: true });
      this.kinds = kindsOf(newest.data);
    });
  }

  /** Takes the ids of these devices. */
  take(kind: DeviceKind): void {
    this.typedVendor = kind.vendor;
    this.typedClass = kind.class;
  }

  /** Signs it, sends it and shows it. */
  async make(): Promise<boolean> {
    if (this.busy || this.blockers.length > 0) return false;
    this.busy = true;
    this.problem = await attempt(async () => {
      const made = await pelion().makeManifest(this.account, this.#order());
      clouds.of(this.account).manifests.put(made);
      announcer.say(`${made.name} is signed and uploaded`);
      router.replace({ place: "cloud", tab: "manifests", item: made.id });
    });
    this.busy = false;
    return this.problem === null;
  }

  #order(): ManifestOrderRequest {
    return {
      image_id: this.image ?? "",
      name: this.name.trim(),
      spec: {
        key: this.key?.name ?? null,
        vendor_id: this.vendor.trim(),
        class_id: this.class.trim(),
        version: this.schema1 ? null : this.version.trim(),
        component: this.schema1 ? null : this.component.trim(),
        priority: Number(this.priority),
        schema_1: this.schema1,
        sign_image: !this.schema1 && this.signImage,
      },
    };
  }

  #from(typed: string | null, noted: string | null | undefined, reported: string | undefined): string {
    if (typed !== null) return "32 hexadecimal digits, with or without hyphens";
    if (noted) return `From the certificate of ${this.key?.name ?? ""}`;
    if (reported !== undefined) return `From the newest device, ${this.#kind?.example ?? ""}`;
    return this.kinds.length > 1 ? "Devices differ; take the ids of one kind below" : "32 hexadecimal digits";
  }
}

class ManifestDesk {
  draft = $state.raw<NewManifest | null>(null);

  /** Begins a manifest and shows it. Nothing is sent. */
  open(account: string, image?: string): void {
    this.draft = new NewManifest(account, image ?? null);
    void this.draft.load();
    router.go(pageOf("new-manifest", account));
  }
}

export const manifestDesk = new ManifestDesk();
