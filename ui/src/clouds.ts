/**
 * The one list of services. General views look services up by the kind of an account or by the scheme of a destination; a service is a
 * folder in `features`, `state` and `ipc`, and a line here.
 */
import type { Component } from "svelte";
import { service as azure } from "./features/azure/service";
import { service as pelion } from "./features/pelion/service";
import type { AccountView, Plan } from "./ipc";
import type { IconName } from "./shared/icons";
import { accounts } from "./state/accounts.svelte";
import type { Draft, DraftRules } from "./state/plans.svelte";
import type { Page } from "./state/route.svelte";

/** Something that can be run from the palette. */
interface CloudCommand {
  title: string;
  icon: IconName;
  also?: string;
  run: () => void;
}

/** What the screen that confirms deliveries says of those to one service. */
interface PlanExtras {
  /** What these plans do there, when that is more than uploading: "import door-panel 3.2.0". */
  deed?: (plans: readonly Plan[]) => string;
  /** What confirming these plans does beyond sending the files, part by part: "draft 2 campaigns". */
  confirm: (plans: readonly Plan[]) => string[];
  /** What a plan does at its destination: "adds a firmware image". */
  impact: (plan: Plan) => string;
}

interface Cloud {
  /** The kind of its accounts, and the scheme of their destinations. */
  kind: string;
  title: string;
  icon: IconName;
  /** Words a user may look for in the palette. */
  also: string;
  /** What is shown of an account. */
  about: string;
  /** What an account is. */
  accountIs: string;
  /** What a job that delivers there is called. */
  jobTitle: string;
  /** The lists of an account. */
  tabs: readonly { key: string; title: string }[];
  commands: readonly CloudCommand[];
  /** Everything an account holds, with its own heading. */
  Lists: Component<{ account: AccountView; tab: string | undefined; item: string | undefined }>;
  /** Pages of its own, by their names in a route. */
  pages: Readonly<Record<string, Component<{ at: Page }>>>;
  /** Its part of a plan: what belongs to the image, and what may follow it. */
  PlanFields: Component<{ draft: Draft }>;
  PlanFollowUp: Component<{ draft: Draft }>;
  /** What is confirmed by itself, always in view above the button. */
  PlanConfirm?: Component<{ draft: Draft }>;
  planRules: DraftRules;
  planExtras: PlanExtras;
}

export const CLOUDS = [pelion, azure] as const satisfies readonly Cloud[];

/** The service of an account. */
export function cloudOfKind(kind: string): Cloud | undefined {
  return CLOUDS.find((cloud) => cloud.kind === kind);
}

/** The service behind a destination, `scheme:address`; `undefined` for a reader. */
export function cloudOf(destination: string): Cloud | undefined {
  return cloudOfKind(destination.slice(0, Math.max(0, destination.indexOf(":"))));
}

/** What a destination is called: with its service where accounts of two services have one name. */
export function targetName(destination: string, name: string): string {
  const cloud = cloudOf(destination);
  const isShared = cloud !== undefined && accounts.list.some((each) => each.name === name && each.kind !== cloud.kind);
  return isShared ? `${name} · ${cloud.title}` : name;
}

/** How a destination is drawn. */
export function destinationIcon(destination: string): IconName {
  return cloudOf(destination)?.icon ?? "readers";
}
