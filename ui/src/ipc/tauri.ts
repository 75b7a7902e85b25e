/** The shell, by its generated commands. */
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { commands, events, type BenchView, type ByteCount, type ConsoleEvent, type Feed } from "./bindings";
import type { Host } from "./host";

function channel<T>(onMessage: (message: T) => void): Channel<T> {
  const made = new Channel<T>();
  made.onmessage = onMessage;
  return made;
}

/** Commands without an answer answer `null`. */
async function nothing(answer: Promise<unknown>): Promise<void> {
  await answer;
}

/** Positions of drags come in pixels of the window, which know nothing of the zoom. */
let zoom = 1;

function inPage({ x, y }: { x: number; y: number }): { x: number; y: number } {
  const scale = window.devicePixelRatio * zoom;
  return { x: x / scale, y: y / scale };
}

export const tauriHost: Host = {
  startup: commands.startup,
  watch: (onFeed) => nothing(commands.watch(channel<Feed>(onFeed))),
  saveSettings: (settings) => nothing(commands.saveSettings(settings)),

  errorCodes: commands.errorCodes,

  inspect: commands.inspect,
  compare: commands.compare,
  offers: commands.offers,
  digests: (file, onBytes) => commands.digests(file, channel<ByteCount>(onBytes)),
  fetchFile: (file, onBytes) => nothing(commands.fetchFile(file, channel<ByteCount>(onBytes))),
  allowHost: (file) => nothing(commands.allowHost(file)),
  pickFiles: commands.pickFiles,
  openTexts: commands.openTexts,
  openJobFiles: commands.openJobFiles,
  openSample: commands.openSample,

  plan: commands.plan,
  deliver: commands.deliver,

  job: commands.job,
  pauseJob: (id) => nothing(commands.pauseJob(id)),
  resumeJob: (id) => nothing(commands.resumeJob(id)),
  useExistingImage: (id) => nothing(commands.useExistingImage(id)),
  adoptUploadJob: (id) => nothing(commands.adoptUploadJob(id)),
  cancelJob: (id) => nothing(commands.cancelJob(id)),
  jobLog: commands.jobLog,
  exportLog: commands.exportLog,

  readers: commands.readers,
  probe: commands.probe,
  addReader: commands.addReader,
  renameReader: commands.renameReader,
  restartReader: commands.restartReader,
  readerLabel: commands.readerLabel,
  recovery: commands.recovery,
  openConsole: (destination, baud, onEvent) =>
    nothing(commands.openConsole(destination, baud, channel<ConsoleEvent>(onEvent))),
  writeConsole: (destination, text) => nothing(commands.writeConsole(destination, text)),
  closeConsole: (destination) => nothing(commands.closeConsole(destination)),
  removeReader: (destination) => nothing(commands.removeReader(destination)),

  bench: commands.bench,
  benchLane: commands.benchLane,
  pickRecord: commands.pickRecord,
  openBench: commands.openBench,
  watchBench: (onView) => nothing(commands.watchBench(channel<BenchView>(onView))),
  armBench: () => nothing(commands.armBench()),
  disarmBench: () => nothing(commands.disarmBench()),
  teachBench: (on) => nothing(commands.teachBench(on)),
  forgetLane: (lane) => nothing(commands.forgetLane(lane)),
  retryLane: (lane) => nothing(commands.retryLane(lane)),
  retryFailedLanes: () => nothing(commands.retryFailedLanes()),
  acknowledgeLane: (lane) => nothing(commands.acknowledgeLane(lane)),
  closeBench: () => nothing(commands.closeBench()),
  operatorMode: (on) => nothing(commands.operatorMode(on)),

  accounts: commands.accounts,
  accountForms: commands.accountForms,
  addAccount: commands.addAccount,
  changeAccount: commands.changeAccount,
  removeAccount: (name) => nothing(commands.removeAccount(name)),
  testAccount: commands.testAccount,

  doctor: commands.doctor,
  makeFix: commands.makeFix,
  undoFix: commands.undoFix,

  openDemo: commands.openDemo,
  setDemoFault: commands.setDemoFault,

  pauseAndQuit: () => nothing(commands.pauseAndQuit()),
  continueHidden: () => nothing(commands.continueHidden()),
  async setZoom(percent) {
    await commands.setZoom(percent);
    zoom = percent / 100;
  },

  onDrag(listen) {
    void getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (payload.type === "leave") {
        listen({ kind: "leave" });
        return;
      }
      // What was let go comes from the shell, with tokens.
      if (payload.type !== "drop") listen({ kind: "over", ...inPage(payload.position) });
    });
    void events.filesDropped.listen(({ payload }) => {
      listen({ kind: "drop", ...inPage({ x: payload.x ?? 0, y: payload.y ?? 0 }), files: payload.files });
    });
  },
  onOpenFiles: (listen) => void events.filesOpened.listen(({ payload }) => listen(payload.files)),
  onCloseAsked: (listen) => void events.closeAsked.listen(({ payload }) => listen(payload.running)),
};
