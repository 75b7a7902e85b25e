/** Everything a person can do from the palette or by keys. One list: the palette, the keys and the map read it. */
import { stateOf } from "../../state/jobWords";
import { isActive, jobs, waitsForUser } from "../../state/jobs.svelte";
import { accounts } from "../../state/accounts.svelte";
import { announcer } from "../../state/announce.svelte";
import { failures } from "../../state/failures.svelte";
import { table } from "../../state/files.svelte";
import { readers } from "../../state/readers.svelte";
import { router } from "../../state/route.svelte";
import { session } from "../../state/session.svelte";
import type { IconName } from "../../shared/icons";
import { CLOUDS, targetName } from "../../clouds";
import { host } from "../../ipc";
import { plural } from "../../shared/format";
import { isolated } from "../../shared/names";
import { dialogs } from "../../state/dialogs.svelte";
import { currentJob } from "./focus";
import { pasteFromClipboard } from "../../state/paste";

export interface Command {
  title: string;
  icon: IconName;
  /** How it is called by keys, for the palette and the map. */
  keys?: string;
  /** Words a person may look for besides the title. */
  also?: string;
  run: () => void;
}

/** Commands that are always there. */
export const FIXED: readonly Command[] = [
  { title: "Choose file", icon: "image", keys: "Ctrl O", also: "open pick firmware", run: () => void table.pick() },
  { title: "Paste a path or address", icon: "image", keys: "Ctrl V", run: () => void pasteFromClipboard() },
  {
    title: "From URL…",
    icon: "net",
    also: "https download fetch address",
    run: () => dialogs.open({ kind: "address", text: "" }),
  },
  { title: "Go to Deliver", icon: "deliver", keys: "G D", run: () => router.go({ place: "deliver" }) },
  { title: "Go to Readers", icon: "readers", keys: "G R", run: () => router.go({ place: "readers" }) },
  {
    title: "Go to Cloud",
    icon: "cloud",
    keys: "G C",
    also: CLOUDS.map((cloud) => cloud.also).join(" "),
    run: () => router.go({ place: "cloud" }),
  },
  ...CLOUDS.flatMap((cloud): readonly Command[] => cloud.commands),
  {
    title: "Go to Activity",
    icon: "activity",
    keys: "G A",
    also: "jobs history",
    run: () => router.go({ place: "activity" }),
  },
  {
    title: "Go to Doctor",
    icon: "doctor",
    keys: "G O",
    also: "permissions udev bluetooth clock disk proxy repair",
    run: () => router.go({ place: "doctor" }),
  },
  {
    title: "Settings",
    icon: "settings",
    keys: "Ctrl ,",
    also: "theme density accounts",
    run: () => router.go({ place: "settings" }),
  },
  { title: "Help", icon: "help", keys: "F1", run: () => router.go({ place: "help" }) },
  {
    title: "Keyboard shortcuts",
    icon: "help",
    keys: "?",
    also: "keyboard map",
    run: () => dialogs.open({ kind: "keys" }),
  },
  {
    title: "Add a reader by address…",
    icon: "plus",
    also: "serial udp",
    run: () => dialogs.open({ kind: "add-reader" }),
  },
  {
    title: "Add an account…",
    icon: "plus",
    also: `cloud ${CLOUDS.map((cloud) => cloud.title).join(" ")}`,
    run: () => router.go({ place: "settings", account: "" }),
  },
  {
    title: "Zoom in",
    icon: "search",
    keys: "Ctrl +",
    also: "zoom size",
    run: () => void failures.run(() => session.zoom(1)),
  },
  {
    title: "Zoom out",
    icon: "search",
    keys: "Ctrl −",
    also: "zoom size",
    run: () => void failures.run(() => session.zoom(-1)),
  },
  {
    title: "Actual size",
    icon: "search",
    keys: "Ctrl 0",
    also: "zoom 100",
    run: () => void failures.run(() => session.zoom(0)),
  },
  { title: "Pause or resume the selected job", icon: "pause", keys: "P", run: pauseOrResume },
  { title: "Log of the selected job", icon: "activity", keys: "L", run: showLog },
  { title: "Announce the status of jobs", icon: "activity", keys: "Ctrl .", run: announceStatus },
];

/** Commands that depend on what there is: each job, reader, account. */
export function living(): Command[] {
  return [
    ...table.files
      .filter((file) => file.verdict !== null)
      .map((file) => ({
        title: `Compare ${isolated(file.name)} with another file…`,
        icon: "image" as const,
        also: "difference diff versions",
        run: () => {
          router.go({ place: "verdict", file: file.id });
          void file.compareWithAnother();
        },
      })),
    ...(session.demo === null
      ? [{ title: "Open the demo world", icon: "sim" as const, run: () => void failures.run(() => session.openDemo()) }]
      : session.demo.faults.map((fault) => ({
          title: `${fault.on ? "End" : "Simulate"}: ${fault.title}`,
          icon: "sim" as const,
          also: "demo fault",
          run: () => void failures.run(() => session.setFault(fault.key, !fault.on)),
        }))),
    ...jobs.list.slice(0, LIVING_JOBS).map((job) => ({
      title: `${isolated(job.image_name)} to ${isolated(targetName(job.destination, job.destination_name))}`,
      icon: stateOf(job).icon,
      also: `job ${job.id} ${stateOf(job).word}`,
      run: () => router.go({ place: "job", job: job.id }),
    })),
    ...readers.all.map((view) => ({
      title: isolated(view.reader.name),
      icon: "readers" as const,
      also: `reader ${view.reader.serial ?? ""} ${view.reader.place}`,
      run: () => router.go({ place: "readers", reader: view.destination }),
    })),
    ...accounts.list.map((account) => ({
      title: account.name,
      icon: "cloud" as const,
      also: `account ${account.kind} ${account.host}`,
      run: () => router.go({ place: "settings", account: account.id }),
    })),
  ];
}

const LIVING_JOBS = 200;

/** Commands in which every word of the question occurs. */
export function matching(question: string, commands: readonly Command[]): Command[] {
  const words = question
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return commands.filter((command) => {
    const text = `${command.title} ${command.also ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function pauseOrResume(): void {
  const id = currentJob();
  const job = id === undefined ? undefined : jobs.summaries.get(id);
  if (job === undefined) return;
  if (waitsForUser(job)) void failures.run(() => host().resumeJob(job.id));
  else if (isActive(job)) void failures.run(() => host().pauseJob(job.id));
}

export function showLog(): void {
  const job = currentJob();
  if (job !== undefined) router.go({ place: "job", job, log: true });
}

function announceStatus(): void {
  const running = jobs.running.length;
  const waiting = jobs.waiting.length;
  announcer.say(
    `${plural(running, "job")} running${running > 0 ? `, ${jobs.runningPercent} percent` : ""}; ${waiting} waiting for you`,
  );
}
