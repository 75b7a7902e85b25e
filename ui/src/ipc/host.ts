/**
 * What the window can ask its shell for. The only way out of the page: the shell implements it with typed commands, the
 * preview with a made-up world.
 */
import type {
  AccountDraftRequest,
  AccountForm,
  AccountView,
  BenchLane,
  BenchSetupRequest,
  BenchStart,
  BenchView,
  ByteCount,
  ConfirmedPlan,
  ConnectionReport,
  ConsoleEvent,
  DeliveryOptionsRequest,
  DemoState,
  DestinationOffer,
  DoctorReport,
  ErrorCode,
  Feed,
  FileComparison,
  FileDigests,
  FileToken,
  Job,
  JobId,
  OpenFile,
  Plan,
  ReaderView,
  Recovery,
  RestartedReader,
  SettingsRequest,
  SystemChanged,
  Verdict,
  WindowStart,
} from "./bindings";

/** Files over the window. Positions are in CSS pixels. */
export type Drag =
  | { kind: "over"; x: number; y: number }
  | { kind: "leave" }
  | { kind: "drop"; x: number; y: number; files: OpenFile[] };

/** Every promise is rejected with a `Diagnosis`. */
export interface Host {
  startup(): Promise<WindowStart>;
  watch(onFeed: (feed: Feed) => void): Promise<void>;
  saveSettings(settings: SettingsRequest): Promise<void>;
  errorCodes(): Promise<ErrorCode[]>;

  inspect(file: FileToken): Promise<Verdict>;
  /** What is different between two files. Both are read anew. */
  compare(before: FileToken, after: FileToken): Promise<FileComparison>;
  /** Where an inspected file can go now. */
  offers(file: FileToken): Promise<DestinationOffer[]>;
  digests(file: FileToken, onBytes: (count: ByteCount) => void): Promise<FileDigests>;
  /** Brings the file of an address here; its token means the file from then on. */
  fetchFile(file: FileToken, onBytes: (count: ByteCount) => void): Promise<void>;
  /** Lets the user allow downloads from the host of an address although it lies in a private network. */
  allowHost(file: FileToken): Promise<void>;
  pickFiles(): Promise<OpenFile[]>;
  /** Opens pasted or typed paths and addresses, once the user confirmed those that are not open yet. */
  openTexts(texts: string[]): Promise<OpenFile[]>;
  openJobFiles(id: JobId): Promise<OpenFile[]>;
  openSample(): Promise<OpenFile | null>;

  plan(file: FileToken, destinations: string[], options: DeliveryOptionsRequest): Promise<Plan[]>;
  /** The user confirms it once more outside of the page, unless it goes to the simulated world. */
  deliver(plans: ConfirmedPlan[]): Promise<JobId[]>;

  job(id: JobId): Promise<Job>;
  pauseJob(id: JobId): Promise<void>;
  resumeJob(id: JobId): Promise<void>;
  /** Ends a job that failed because the service holds its bytes already with that image. */
  useExistingImage(id: JobId): Promise<void>;
  /** Resumes the unfinished upload job of somebody else that has the name. */
  adoptUploadJob(id: JobId): Promise<void>;
  cancelJob(id: JobId): Promise<void>;
  jobLog(id: JobId): Promise<string>;
  /** Where the log was saved, or `null` when the person changed their mind. */
  exportLog(id: JobId): Promise<string | null>;

  readers(): Promise<ReaderView[]>;
  probe(destination: string): Promise<ReaderView>;
  /** Adds a reader by its address; the protocol may be left out. Nothing is sent to it. */
  addReader(address: string): Promise<ReaderView>;
  renameReader(destination: string, name: string): Promise<ReaderView>;
  removeReader(destination: string): Promise<void>;
  /** What a reader whose last load broke off can be recovered with. Sends nothing. */
  recovery(destination: string): Promise<Recovery>;
  /** Opens the console of a reader on a serial port, once the user confirmed it outside of the page. */
  openConsole(destination: string, baud: number | null, onEvent: (event: ConsoleEvent) => void): Promise<void>;
  writeConsole(destination: string, text: string): Promise<void>;
  closeConsole(destination: string): Promise<void>;
  /** Restarts it without writing to it; the user confirms it outside of the page when something else may run then. */
  restartReader(destination: string): Promise<RestartedReader>;
  /** One line to print and stick onto the reader. */
  readerLabel(destination: string): Promise<string>;

  /** The bench as it was stored, and as it stands when it is open. */
  bench(): Promise<BenchStart>;
  benchLane(name: string, reader: string): Promise<BenchLane>;
  /** Lets the user choose the file of the record; `null` when they changed their mind. */
  pickRecord(lot: string): Promise<string | null>;
  openBench(file: FileToken, setup: BenchSetupRequest): Promise<BenchView>;
  watchBench(onView: (view: BenchView) => void): Promise<void>;
  /** The user confirms it outside of the page, unless every reader is simulated. */
  armBench(): Promise<void>;
  disarmBench(): Promise<void>;
  teachBench(on: boolean): Promise<void>;
  forgetLane(lane: number): Promise<void>;
  retryLane(lane: number): Promise<void>;
  retryFailedLanes(): Promise<void>;
  acknowledgeLane(lane: number): Promise<void>;
  closeBench(): Promise<void>;
  /** Fills the screen, and lets closing ask the page. */
  operatorMode(on: boolean): Promise<void>;

  accounts(): Promise<AccountView[]>;
  /** What an account of each kind needs. */
  accountForms(): Promise<AccountForm[]>;
  addAccount(draft: AccountDraftRequest): Promise<AccountView>;
  changeAccount(draft: AccountDraftRequest): Promise<AccountView>;
  removeAccount(name: string): Promise<void>;
  testAccount(name: string): Promise<ConnectionReport>;

  /** What stands in for the commands of a service, by its kind. The program has none: each service calls its own. */
  services?: Readonly<Record<string, unknown>>;

  /** What stands in the way on this computer; changes nothing. */
  doctor(): Promise<DoctorReport>;
  /** Makes a change as its digest shows it, once the user confirmed it outside of the page. */
  makeFix(id: string, digest: string): Promise<SystemChanged>;
  undoFix(id: number): Promise<SystemChanged>;

  openDemo(): Promise<DemoState>;
  setDemoFault(key: string, on: boolean): Promise<DemoState>;

  pauseAndQuit(): Promise<void>;
  continueHidden(): Promise<void>;
  /** Draws everything at this size. */
  setZoom(percent: number): Promise<void>;

  onDrag(listen: (drag: Drag) => void): void;
  onOpenFiles(listen: (files: OpenFile[]) => void): void;
  onCloseAsked(listen: (running: number) => void): void;
}
