/** What the window can request for Azure Device Update. Every promise is rejected with a `Diagnosis`. */
import type {
  BestUpdateRow,
  ByteCount,
  ClassRow,
  ComplianceRow,
  DeliveryOptionsRequest,
  DeploymentRow,
  DeploymentView,
  AduDeviceRow,
  ExplainedCode,
  FileToken,
  GroupRow,
  HealthRow,
  LogRow,
  LogView,
  ManifestFinding,
  OperationRow,
  Plan,
  Reach,
  StartDeploymentRequest,
  StartLogsRequest,
  UpdateFile,
  UpdateFileFacts,
  UpdateIdRequest,
  UpdateRow,
  UpdateView,
} from "../bindings";

export type { ManifestFinding, UpdateFile, UpdateFileFacts };

export interface AzureHost {
  /** Reads a file of an update once: size, hash, and the handler it is made for. */
  updateFile(file: FileToken, onBytes: (count: ByteCount) => void): Promise<UpdateFile>;
  /** The text of an import manifest. */
  readManifest(file: FileToken): Promise<string>;
  /** Every rule that can be checked here, with these files. */
  checkManifest(text: string, files: UpdateFileFacts[]): Promise<ManifestFinding[]>;
  /** The text with sizes and hashes of these files renewed, and nothing else. */
  mendManifest(text: string, files: UpdateFileFacts[]): Promise<string>;
  /** Where it was saved, or `null` when the user changed their mind. */
  saveManifest(text: string): Promise<string | null>;
  /** Plans the import of the files with this manifest, and the deployment that the options name. Nothing is sent. */
  planImport(account: string, files: FileToken[], text: string, options: DeliveryOptionsRequest): Promise<Plan[]>;

  updates(account: string): Promise<UpdateRow[]>;
  /** With its files. */
  update(account: string, id: UpdateIdRequest): Promise<UpdateView>;
  /** Deletes it now, and waits until the service has done so. It cannot be undone. */
  deleteUpdate(account: string, id: UpdateIdRequest): Promise<void>;
  operations(account: string): Promise<OperationRow[]>;
  groups(account: string): Promise<GroupRow[]>;
  /** Whom a deployment would touch now. Changes nothing. */
  reach(account: string, group: string, id: UpdateIdRequest): Promise<Reach>;
  /** The same for an update that is not imported yet, by the text of its manifest. */
  reachOfManifest(account: string, group: string, text: string): Promise<Reach>;
  deployments(account: string, group: string): Promise<DeploymentRow[]>;
  deployment(account: string, group: string, id: string): Promise<DeploymentView>;
  /** Starts it when exactly that many devices match now; otherwise refuses and starts nothing. */
  startDeployment(account: string, start: StartDeploymentRequest): Promise<DeploymentRow>;
  cancelDeployment(account: string, group: string, id: string): Promise<DeploymentView>;
  retryDeployment(account: string, group: string, id: string): Promise<DeploymentView>;
  /** Deletes it now. Devices that have installed the update retain it. */
  deleteDeployment(account: string, group: string, id: string): Promise<void>;

  /** The devices of a group; of the instance without one. */
  devices(account: string, group: string | null): Promise<AduDeviceRow[]>;
  /** What a device's agent and its twin look like to the service; `null` when it says nothing of them. */
  deviceHealth(account: string, device: string): Promise<HealthRow | null>;
  classes(account: string): Promise<ClassRow[]>;
  /** The updates that fit a device class. */
  updatesOfClass(account: string, id: string): Promise<string[]>;
  /** 1 to 100 letters, digits, dots and dashes. */
  renameClass(account: string, id: string, name: string): Promise<ClassRow>;
  /** How many devices have their best update: of a group; of the instance without one. */
  compliance(account: string, group: string | null): Promise<ComplianceRow>;
  /** The newest update that fits each class of a group's devices. */
  bestUpdates(account: string, group: string): Promise<BestUpdateRow[]>;
  /** Takes an extended result code of an agent apart. Asks nobody. */
  explainCode(text: string): Promise<ExplainedCode>;
  /** Requests logs of devices; the service stores them in the storage of the instance. */
  collectLogs(account: string, start: StartLogsRequest): Promise<LogRow>;
  logs(account: string): Promise<LogRow[]>;
  /** Device by device. */
  log(account: string, id: string): Promise<LogView>;
}
