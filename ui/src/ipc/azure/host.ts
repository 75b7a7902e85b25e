/** What the window can request for Azure Device Update. Every promise is rejected with a `Diagnosis`. */
import type {
  ByteCount,
  DeploymentRow,
  DeploymentView,
  FileToken,
  GroupRow,
  ManifestFinding,
  OperationRow,
  Plan,
  Reach,
  StartDeploymentRequest,
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
  /** Plans the import of the files with this manifest. Nothing is sent. */
  planImport(account: string, files: FileToken[], text: string): Promise<Plan[]>;

  updates(account: string): Promise<UpdateRow[]>;
  /** With its files. */
  update(account: string, id: UpdateIdRequest): Promise<UpdateView>;
  /** Deletes it now, and waits until the service has done so. It cannot be undone. */
  deleteUpdate(account: string, id: UpdateIdRequest): Promise<void>;
  operations(account: string): Promise<OperationRow[]>;
  groups(account: string): Promise<GroupRow[]>;
  /** Whom a deployment would touch now. Changes nothing. */
  reach(account: string, group: string, id: UpdateIdRequest): Promise<Reach>;
  deployments(account: string, group: string): Promise<DeploymentRow[]>;
  deployment(account: string, group: string, id: string): Promise<DeploymentView>;
  /** Starts it when exactly that many devices match now; otherwise refuses and starts nothing. */
  startDeployment(account: string, start: StartDeploymentRequest): Promise<DeploymentRow>;
  cancelDeployment(account: string, group: string, id: string): Promise<DeploymentView>;
  retryDeployment(account: string, group: string, id: string): Promise<DeploymentView>;
}
