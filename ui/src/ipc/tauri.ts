/** The shell, by its generated commands. */
import { Channel } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { commands, events, type ByteCount, type Feed } from "./bindings";
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

export const tauriHost: Host = {
  startup: commands.startup,
  watch: (onFeed) => nothing(commands.watch(channel<Feed>(onFeed))),
  saveSettings: (settings) => nothing(commands.saveSettings(settings)),

  errorCodes: commands.errorCodes,

  inspect: commands.inspect,
  offers: async (path) => (await commands.inspect(path)).destinations,
  digests: (path, onBytes) => commands.digests(path, channel<ByteCount>(onBytes)),
  fetchUrl: (url, onBytes) => commands.fetchUrl(url, channel<ByteCount>(onBytes)),
  pickFiles: commands.pickFiles,

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

  accounts: commands.accounts,
  accountForms: commands.accountForms,
  addAccount: commands.addAccount,
  changeAccount: commands.changeAccount,
  removeAccount: (name) => nothing(commands.removeAccount(name)),
  testAccount: commands.testAccount,

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
      const x = payload.position.x / window.devicePixelRatio / zoom;
      const y = payload.position.y / window.devicePixelRatio / zoom;
      if (payload.type === "drop") listen({ kind: "drop", x, y, paths: payload.paths });
      else listen({ kind: "over", x, y });
    });
  },
  onOpenPaths: (listen) => void events.openPaths.listen(({ payload }) => listen(payload.paths)),
  onCloseAsked: (listen) => void events.closeAsked.listen(({ payload }) => listen(payload.running)),
};
