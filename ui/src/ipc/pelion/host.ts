/** What the window can request of a Pelion account. Every promise is rejected with a `Diagnosis`. */
import type {
  BlastQueryRequest,
  BlastRadius,
  Campaign,
  CampaignChangeRequest,
  CampaignDeviceRow,
  CampaignDraft,
  CampaignDraftRequest,
  CampaignLive,
  CampaignView,
  PageQueryRequest,
  CloudKind,
  DeviceDetail,
  DeviceGroup,
  DeviceRow,
  Filter,
  FilterAttribute,
  FilterRead,
  FileToken,
  FirmwareImage,
  FirmwareManifest,
  KeyEntry,
  ManifestOrderRequest,
  ManifestView,
  SavedQuery,
  UploadJob,
} from "../bindings";

/** One page of a list. */
export interface PageOf<T> {
  data: T[];
  has_more: boolean;
  total_count: number | null;
}

/** Rows of lists: a field that the service left out is empty. */
export type UploadRow = UploadJob;
export type ImageRow = FirmwareImage;
export type ManifestRow = FirmwareManifest;
export type { Campaign, DeviceGroup, SavedQuery };

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
  uploadJobs(account: string, query: PageQueryRequest): Promise<PageOf<UploadRow>>;
  images(account: string, query: PageQueryRequest): Promise<PageOf<ImageRow>>;
  manifests(account: string, query: PageQueryRequest): Promise<PageOf<ManifestRow>>;
  /** What its bytes say, with every check that can be made here. */
  manifest(account: string, id: string): Promise<ManifestView>;
  /** Makes a manifest for an image of the service, signs it and sends it. */
  makeManifest(account: string, order: ManifestOrderRequest): Promise<ManifestRow>;
  /** Sends a manifest that was made elsewhere; a file that is none is refused before anything is sent. */
  sendManifest(account: string, file: FileToken, name: string): Promise<ManifestRow>;
  /** The keys of this computer that sign manifests; they belong to no account. */
  manifestKeys(): Promise<KeyEntry[]>;
  newManifestKey(name: string, development: boolean): Promise<KeyEntry>;
  /** Takes a key over from a PEM file. */
  importManifestKey(name: string, file: FileToken, development: boolean): Promise<KeyEntry>;
  /** Gives a key a certificate with these ids noted in it; the one it had is replaced. */
  certifyManifestKey(name: string, vendorId: string | null, classId: string | null): Promise<KeyEntry>;
  campaigns(account: string, query: PageQueryRequest): Promise<PageOf<CampaignRow>>;
  devices(account: string, query: PageQueryRequest): Promise<PageOf<DeviceRow>>;
  /** With its last events. */
  device(account: string, id: string): Promise<DeviceDetail>;
  countDevices(account: string, filter: string): Promise<number>;
  savedQueries(account: string): Promise<SavedQuery[]>;
  saveQuery(account: string, name: string, query: string): Promise<SavedQuery>;
  groups(account: string): Promise<DeviceGroup[]>;
  groupDevices(account: string, group: string, query: PageQueryRequest): Promise<PageOf<DeviceRow>>;
  /** Deletes it now. It cannot be undone. */
  delete(account: string, kind: CloudKind, id: string): Promise<void>;

  filterAttributes(): Promise<FilterAttribute[]>;
  readFilter(text: string): Promise<FilterRead>;
  writeFilter(conditions: Filter[]): Promise<string>;

  createCampaign(account: string, draft: CampaignDraftRequest): Promise<CampaignRow>;
  changeCampaign(account: string, id: string, change: CampaignChangeRequest): Promise<CampaignRow>;
  /** A draft that says what a campaign says, also for its failed devices only. Creates nothing. */
  copyOfCampaign(account: string, id: string, name: string, failed: boolean): Promise<CampaignDraft>;
  blastRadius(account: string, query: BlastQueryRequest): Promise<BlastRadius>;
  /** Starts it when exactly that many devices match now; otherwise refuses and starts nothing. */
  startCampaign(account: string, id: string, expectedDevices: number): Promise<CampaignRow>;
  stopCampaign(account: string, id: string): Promise<CampaignRow>;
  archiveCampaign(account: string, id: string): Promise<CampaignRow>;
  /** How it stands, and when to look again; `quietSeconds` is how long nothing has moved. */
  lookAtCampaign(account: string, id: string, quietSeconds: number): Promise<CampaignLook>;
  campaignDevices(account: string, id: string, query: PageQueryRequest): Promise<PageOf<CampaignDeviceRow>>;
  /** Where it was saved, or `null` when the person changed their mind. */
  exportCampaign(account: string, id: string): Promise<string | null>;
}
