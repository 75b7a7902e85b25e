/**
 * What the window can ask its shell for. The only way out of the page: the shell implements it with typed commands, the
 * preview with a made-up world.
 */
import type {
  AccountDraft,
  AccountForm,
  AccountView,
  ByteCount,
  ConnectionReport,
  DeliveryOptions,
  DemoState,
  DestinationOffer,
  ErrorCode,
  Feed,
  FileDigests,
  Job,
  JobId,
  Plan,
  PlanId,
  ReaderView,
  Settings,
  Startup,
  Verdict,
} from "./bindings";

/** Files over the window. Positions are in CSS pixels. */
export type Drag =
  { kind: "over"; x: number; y: number } | { kind: "leave" } | { kind: "drop"; x: number; y: number; paths: string[] };

/** Every promise is rejected with a `Diagnosis`. */
export interface Host {
  startup(): Promise<Startup>;
  watch(onFeed: (feed: Feed) => void): Promise<void>;
  saveSettings(settings: Settings): Promise<void>;
  errorCodes(): Promise<ErrorCode[]>;

  inspect(path: string): Promise<Verdict>;
  /** Where an inspected file can go now. */
  offers(path: string): Promise<DestinationOffer[]>;
  digests(path: string, onBytes: (count: ByteCount) => void): Promise<FileDigests>;
  fetchUrl(url: string, onBytes: (count: ByteCount) => void): Promise<string>;
  pickFiles(): Promise<string[]>;

  plan(path: string, destinations: string[], options: DeliveryOptions): Promise<Plan[]>;
  deliver(plans: PlanId[]): Promise<JobId[]>;

  job(id: JobId): Promise<Job>;
  pauseJob(id: JobId): Promise<void>;
  resumeJob(id: JobId): Promise<void>;
  /** Ends a job that failed because the service holds its bytes already with that image. */
  useExistingImage(id: JobId): Promise<void>;
  /** Goes on in the unfinished upload job of somebody else that has the name. */
  adoptUploadJob(id: JobId): Promise<void>;
  cancelJob(id: JobId): Promise<void>;
  jobLog(id: JobId): Promise<string>;
  /** Where the log was saved, or `null` when the person changed their mind. */
  exportLog(id: JobId): Promise<string | null>;

  readers(): Promise<ReaderView[]>;
  probe(destination: string): Promise<ReaderView>;

  accounts(): Promise<AccountView[]>;
  /** What an account of each kind needs. */
  accountForms(): Promise<AccountForm[]>;
  addAccount(draft: AccountDraft): Promise<AccountView>;
  changeAccount(draft: AccountDraft): Promise<AccountView>;
  removeAccount(name: string): Promise<void>;
  testAccount(name: string): Promise<ConnectionReport>;

  /** What stands in for the commands of a service, by its kind. The program has none: each service calls its own. */
  services?: Readonly<Record<string, unknown>>;

  openDemo(): Promise<DemoState>;
  setDemoFault(key: string, on: boolean): Promise<DemoState>;

  pauseAndQuit(): Promise<void>;
  continueHidden(): Promise<void>;
  /** Draws everything at this size. */
  setZoom(percent: number): Promise<void>;

  onDrag(listen: (drag: Drag) => void): void;
  onOpenPaths(listen: (paths: string[]) => void): void;
  onCloseAsked(listen: (running: number) => void): void;
}
