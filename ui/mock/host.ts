/** The preview's host: answers at once from the made-up world. Never part of the program. */
import { savedAccount } from "./accounts";
import { mockBench } from "./bench";
import { DEMO } from "./demo";
import { mockDoctor } from "./doctor";
import type { Feed, Job, Plan, ReaderView, WindowStart } from "../src/ipc/bindings";
import type { Drag, Host } from "../src/ipc/host";
import type { PelionHost } from "../src/ipc/pelion";
import { comparison } from "./compare";
import { filesWords } from "../src/state/planFiles";
import { mockAzure } from "./azure/host";
import { mockPelion } from "./pelion/host";
import {
  HASH,
  job as makeJob,
  minutesAgo,
  pieces,
  openFile,
  pathOf,
  reader as makeReader,
  settings,
  summary,
  verified,
} from "./make";
import { JOBS } from "./jobs";
import { optionsOfAddress, type MockOptions } from "./options";
import { planFor } from "./plans";
import { ACCOUNT_FORMS, ACCOUNTS, ERROR_CODES, READERS, verdictOf } from "./world";

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function mockHost(
  world: MockOptions = optionsOfAddress(),
): Host & { drag: (drag: Drag) => void; pelion: PelionHost } {
  const pelion = mockPelion(world.empty ? 0 : (world.devices ?? 5_310));
  const jobs = new Map<string, Job>(world.empty ? [] : JOBS.map((each) => [each.summary.id, each]));
  const plans = new Map<string, { plan: Plan; destination: string }>();
  let added: ReaderView[] = [];
  let demo = world.demo ? DEMO : null;
  let send: (change: Feed["change"]) => void = () => undefined;
  let listenDrag: (drag: Drag) => void = () => undefined;

  function put(job: Job): void {
    jobs.set(job.summary.id, job);
    send({ kind: "job", job: job.summary });
  }

  function change(id: string, state: Job["summary"]["state"]): Promise<void> {
    const job = jobs.get(id);
    if (job) put({ ...job, summary: { ...job.summary, state, changed: new Date().toISOString() } });
    return Promise.resolve();
  }

  async function run(id: string): Promise<void> {
    for (let percent = 10; percent < 100; percent += 30) {
      await later(120);
      const job = jobs.get(id);
      if (job)
        put({
          ...job,
          pieces: pieces(percent / 10, 1),
          summary: {
            ...job.summary,
            percent,
            state: { state: "running", phase: "send_chunks" },
            phase_title: "Send chunks",
          },
        });
    }
    const job = jobs.get(id);
    if (job) put({ ...job, summary: { ...job.summary, percent: 100, state: verified(job.plan.verified_when) } });
  }

  return {
    drag: (drag) => listenDrag(drag),
    startup: (): Promise<WindowStart> =>
      Promise.resolve({
        startup: {
          version: "0.1.0",
          settings: { ...settings(world.theme), account: world.account ?? null },
          demo,
          interrupted: [],
          journal_restored: null,
        },
        files: [],
      }),
    watch(onFeed) {
      let number = 0;
      send = (next) => onFeed({ number: number++, change: next });
      send({
        kind: "snapshot",
        jobs: [...jobs.values()].map((job) => job.summary),
        readers: world.empty ? [] : READERS,
      });
      return Promise.resolve();
    },
    saveSettings: () => Promise.resolve(),
    ...mockDoctor(),
    errorCodes: () => Promise.resolve(ERROR_CODES),
    inspect: (file) => Promise.resolve(verdictOf(pathOf(file))),
    compare: (before, after) =>
      Promise.resolve(
        comparison([pathOf(before), verdictOf(pathOf(before))], [pathOf(after), verdictOf(pathOf(after))]),
      ),
    offers: (file) => Promise.resolve(verdictOf(pathOf(file)).destinations),
    async digests(_file, onBytes) {
      for (let part = 1; part <= 4; part += 1) {
        onBytes({ bytes: part * 97_280, total_bytes: null });
        await later(20);
      }
      return { sha256: HASH, md5: "d41d8cd98f00b204e9800998ecf8427e" };
    },
    fetchFile: () => Promise.resolve(),
    allowHost: () => Promise.resolve(),
    pickFiles: () =>
      Promise.resolve((world.picks?.length ? world.picks : ["/srv/images/gate-reader-2.4.1.signed.bin"]).map(openFile)),
    openTexts: (texts) => Promise.resolve(texts.map(openFile)),
    openJobFiles: (id) => Promise.resolve((jobs.get(id)?.plan.files ?? []).map(({ path }) => openFile(path))),
    openSample: () => Promise.resolve(openFile(DEMO.sample_path)),
    plan: (file, destinations, options) =>
      Promise.resolve(
        destinations.map((destination) => {
          const made = planFor(pathOf(file), destination, options);
          plans.set(made.id, { plan: made, destination });
          return made;
        }),
      ),
    deliver(ids) {
      const started = ids.flatMap(({ plan: id }) => {
        const entry = plans.get(id);
        if (!entry) return [];
        const { plan, destination } = entry;
        const made = summary({
          image_name: plan.remote_name ?? filesWords(plan),
          destination_name: plan.destination_name,
          destination,
          simulated: plan.simulated,
          production: plan.production,
          created: new Date().toISOString(),
          changed: new Date().toISOString(),
          state: { state: "queued" },
          phase_title: null,
        });
        put(
          makeJob(made, {
            plan,
            notes: [{ at: minutesAgo(0), kind: "step", text: "Confirmed", detail: null, piece: null }],
          }),
        );
        void run(made.id);
        return [made.id];
      });
      return Promise.resolve(started);
    },
    job(id) {
      const job = jobs.get(id);
      return job ? Promise.resolve(job) : Promise.reject(new Error(`no job ${id}`));
    },
    pauseJob: (id) => change(id, { state: "paused" }),
    resumeJob: (id) => change(id, { state: "running", phase: "send_chunks" }),
    useExistingImage: (id) =>
      change(id, verified("The firmware image has 389,120 bytes and the SHA-256 of this file.")),
    adoptUploadJob: (id) => change(id, { state: "running", phase: "send_chunks" }),
    cancelJob: (id) => change(id, { state: "cancelled", state_now: "The service stores 19 chunks." }),
    jobLog: (id) =>
      Promise.resolve(
        `14:00:52.103 job ${id} confirmed\n14:00:52.411 phase create_job\n14:00:52.836 phase send_chunks\n`,
      ),
    exportLog: () => Promise.resolve("/srv/images/firmdrop-job.log"),
    readers: () => Promise.resolve([...READERS, ...added]),
    probe: (destination) => {
      const found = READERS.find((view) => view.destination === destination);
      return found ? Promise.resolve(found) : Promise.reject(new Error("The reader does not answer."));
    },
    addReader(address) {
      const destination = address.includes("+") ? address : `smp+udp:${address}`;
      const view: ReaderView = {
        ...makeReader(destination, destination, {
          place: address,
          channel: "network",
          access: { access: "not_identified" },
        }),
        added: true,
      };
      added = [...added.filter((each) => each.destination !== destination), view];
      return Promise.resolve(view);
    },
    renameReader(destination, name) {
      const found = [...added, ...READERS].find((each) => each.destination === destination);
      if (!found) return Promise.reject(new Error("It is not seen."));
      const view = { ...found, reader: { ...found.reader, name: name || destination } };
      added = added.map((each) => (each === found ? view : each));
      return Promise.resolve(view);
    },
    restartReader(destination) {
      const reader = [...added, ...READERS].find((each) => each.destination === destination);
      if (!reader) return Promise.reject(new Error("It is not seen."));
      const statement =
        "The reader confirmed the request to restart and answers again: it runs the image 2.4.0 with the hash 5a07…d1c9.";
      return Promise.resolve({ reader, statement });
    },
    readerLabel(destination) {
      const reader = [...added, ...READERS].find((each) => each.destination === destination)?.reader;
      return Promise.resolve(`${reader?.name ?? "-"} · ${reader?.serial ?? "-"} · ${reader?.place ?? "-"}`);
    },
    recovery(destination) {
      const reader = [...added, ...READERS].find((each) => each.destination === destination);
      if (!reader) return Promise.reject(new Error("It is not seen."));
      return Promise.resolve({
        offer: {
          reader,
          source: "verified",
          path: "/srv/images/gate-reader-2.4.0.signed.bin",
          file_name: "gate-reader-2.4.0.signed.bin",
          version: "2.4.0",
          sha256: HASH,
          job: "01658f9a0011",
          at: minutesAgo(300),
          options: { name: null, description: null, address: null },
          known: [
            "Its last load, job 01658f9a0012 (gate-reader-2.4.1.signed.bin), failed: The reader went away (FD-304). What the reader holds is not known. It can be resumed instead.",
            `gate-reader-2.4.0.signed.bin was verified at ${destination} by job 01658f9a0011; the file is unchanged. Whether the same reader was there is not recorded.`,
          ],
        },
        file: openFile("/srv/images/gate-reader-2.4.0.signed.bin"),
      });
    },
    openConsole(_destination, _baud, onEvent) {
      onEvent({ event: "state", state: { state: "open" } });
      const text = "*** Booting Zephyr OS build v3.7.0 ***\n[00:00:00.251] <inf> radio: up\nuart:~$ ";
      onEvent({ event: "text", at: minutesAgo(1), text });
      return Promise.resolve();
    },
    writeConsole: () => Promise.resolve(),
    closeConsole: () => Promise.resolve(),
    removeReader(destination) {
      added = added.filter((each) => each.destination !== destination);
      return Promise.resolve();
    },
    accountForms: () => Promise.resolve(ACCOUNT_FORMS),
    accounts: () => Promise.resolve(world.empty ? [] : ACCOUNTS),
    addAccount: (draft) => Promise.resolve(savedAccount(draft)),
    changeAccount: (draft) => Promise.resolve(savedAccount(draft)),
    removeAccount: () => Promise.resolve(),
    testAccount: () =>
      Promise.resolve({
        steps: [
          { key: "Find the host's address", title: "Find the host's address", result: "passed", found: "127.0.0.1" },
          { key: "Connect", title: "Connect", result: "passed", found: "1 ms" },
          { key: "Accept the certificate", title: "Accept the certificate", result: "passed", found: "not encrypted" },
          { key: "Recognise the service", title: "Recognise the service", result: "passed", found: "Pelion" },
          { key: "Use the access key", title: "Use the access key", result: "failed", found: "401" },
        ],
        diagnosis: {
          code: "FD-401",
          title: "The access key is not accepted",
          what_happened: "The service answered 401.",
          why: "The key does not exist in this region.",
          state_now: "Nothing was changed.",
          remedies: [{ act: "edit_account", account: "demo" }],
          details: [],
        },
      }),
    ...mockBench(),
    services: { pelion, adu: mockAzure() },
    pelion,
    openDemo() {
      demo = DEMO;
      return Promise.resolve(demo);
    },
    setDemoFault(key, on) {
      demo = {
        ...(demo ?? DEMO),
        faults: (demo ?? DEMO).faults.map((fault) => (fault.key === key ? { ...fault, on } : fault)),
      };
      return Promise.resolve(demo);
    },
    pauseAndQuit: () => Promise.resolve(),
    continueHidden: () => Promise.resolve(),
    setZoom: () => Promise.resolve(),
    onDrag: (listen) => (listenDrag = listen),
    onOpenFiles: () => undefined,
    onCloseAsked: () => undefined,
  };
}
