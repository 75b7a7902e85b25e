/** What the window can request of a Pelion account. Every promise is rejected with a `Diagnosis`. */
import type {
  BlastAsk,
  BlastRadius,
  Campaign as WireCampaign,
  CampaignChange,
  CampaignDeviceRow,
  CampaignDraft,
  CampaignLive,
  CampaignView,
  CloudAsk,
  CloudKind,
  DeviceDetail,
  DeviceGroup as WireGroup,
  DeviceRow,
  Filter,
  FilterAttribute,
  FilterRead,
  FileToken,
  FirmwareImage,
  FirmwareManifest,
  KeyEntry,
  ManifestOrder,
  ManifestView,
  SavedQuery as WireQuery,
  UploadJob,
} from "../bindings";
import { host } from "..";
import { tauriPelion } from "./tauri";

/** One page of a list. */
export interface PageOf<T> {
  data: T[];
  has_more: boolean;
  total_count: number | null;
}

/** What comes from the service's own types is always whole: a field that it left out is empty. */
export type UploadRow = Required<UploadJob>;
export type ImageRow = Required<FirmwareImage>;
export type ManifestRow = Required<FirmwareManifest>;
export type SavedQuery = Required<WireQuery>;
export type DeviceGroup = Required<WireGroup>;
export type Campaign = Required<WireCampaign>;

/** A campaign, where it stands, and its id as lists need it. */
export interface CampaignRow {
  id: string;
  campaign: Campaign;
  standing: CampaignView["standing"];
}

export interface CampaignLook extends Omit<CampaignLive, "view"> {
  view: CampaignRow;
}

export interface PelionHost {
  uploadJobs(account: string, ask: CloudAsk): Promise<PageOf<UploadRow>>;
  images(account: string, ask: CloudAsk): Promise<PageOf<ImageRow>>;
  manifests(account: string, ask: CloudAsk): Promise<PageOf<ManifestRow>>;
  /** What its bytes say, with every check that can be made here. */
  manifest(account: string, id: string): Promise<ManifestView>;
  /** Makes a manifest for an image of the service, signs it and sends it. */
  makeManifest(account: string, order: ManifestOrder): Promise<ManifestRow>;
  /** Sends a manifest that was made elsewhere; a file that is none is refused before anything is sent. */
  sendManifest(account: string, file: FileToken, name: string): Promise<ManifestRow>;
  /** The keys of this computer that sign manifests; they belong to no account. */
  manifestKeys(): Promise<KeyEntry[]>;
  newManifestKey(name: string, development: boolean): Promise<KeyEntry>;
  /** Takes a key over from a PEM file. */
  importManifestKey(name: string, file: FileToken, development: boolean): Promise<KeyEntry>;
  /** Gives a key a certificate with these ids noted in it; the one it had is replaced. */
  certifyManifestKey(name: string, vendorId: string | null, classId: string | null): Promise<KeyEntry>;
  campaigns(account: string, ask: CloudAsk): Promise<PageOf<CampaignRow>>;
  devices(account: string, ask: CloudAsk): Promise<PageOf<DeviceRow>>;
  /** With its last events. */
  device(account: string, id: string): Promise<DeviceDetail>;
  countDevices(account: string, filter: string): Promise<number>;
  savedQueries(account: string): Promise<SavedQuery[]>;
  saveQuery(account: string, name: string, query: string): Promise<SavedQuery>;
  groups(account: string): Promise<DeviceGroup[]>;
  groupDevices(account: string, group: string, ask: CloudAsk): Promise<PageOf<DeviceRow>>;
  /** Deletes it now. It cannot be undone. */
  delete(account: string, kind: CloudKind, id: string): Promise<void>;

  filterAttributes(): Promise<FilterAttribute[]>;
  readFilter(text: string): Promise<FilterRead>;
  writeFilter(conditions: Filter[]): Promise<string>;

  createCampaign(account: string, draft: CampaignDraft): Promise<CampaignRow>;
  changeCampaign(account: string, id: string, change: CampaignChange): Promise<CampaignRow>;
  /** A draft that says what a campaign says, also for its failed devices only. Creates nothing. */
  copyOfCampaign(account: string, id: string, name: string, failed: boolean): Promise<CampaignDraft>;
  blastRadius(account: string, ask: BlastAsk): Promise<BlastRadius>;
  /** Starts it when exactly that many devices match now; otherwise refuses and starts nothing. */
  startCampaign(account: string, id: string, expectedDevices: number): Promise<CampaignRow>;
  stopCampaign(account: string, id: string): Promise<CampaignRow>;
  archiveCampaign(account: string, id: string): Promise<CampaignRow>;
  /** How it stands, and when to look again; `quietSeconds` is how long nothing has moved. */
  lookAtCampaign(account: string, id: string, quietSeconds: number): Promise<CampaignLook>;
  campaignDevices(account: string, id: string, ask: CloudAsk): Promise<PageOf<CampaignDeviceRow>>;
  /** Where it was saved, or `null` when the person changed their mind. */
  exportCampaign(account: string, id: string): Promise<string | null>;
}

/** The commands of the shell, or what stands in for them. */
export function pelion(): PelionHost {
  return (host().services?.["pelion"] as PelionHost | undefined) ?? tauriPelion;
}
