/** What the window shows and offers of accounts of Azure Device Update; `clouds.ts` names it. */
import { current } from "../../state/current.svelte";
import { dialogs } from "../../state/dialogs.svelte";
import { importDesk } from "../../state/azure/importDraft.svelte";
import "../../state/azure/dialogs";
import { PLAN_RULES } from "../../state/azure/plan";
import { KIND } from "../../state/azure/routes";
import { router } from "../../state/route.svelte";
import ImportPage from "./ImportPage.svelte";
import CollectLogs from "./CollectLogs.svelte";
import ExplainCode from "./ExplainCode.svelte";
import RenameClass from "./RenameClass.svelte";
import StartDeployment from "./StartDeployment.svelte";
import Lists from "./Lists.svelte";
import PlanDeployment from "./PlanDeployment.svelte";
import PlanPart from "./PlanPart.svelte";
import { LIST_TABS } from "./words";
import { PLAN_EXTRAS } from "./plan";

/** A new update in the account the window shows. */
function importUpdate(): void {
  const { account } = current;
  if (account?.kind === KIND) importDesk.open(account.name);
  else router.go({ place: "cloud" });
}

export const service = {
  kind: KIND,
  title: "Azure Device Update",
  icon: "cloud",
  also: "azure adu device update import manifest",
  about: "Updates, devices and deployments of an Azure Device Update instance are shown here.",
  accountIs: "An account is an instance of Azure Device Update and the storage its updates are staged in.",
  jobTitle: "Import job",
  tabs: LIST_TABS,
  commands: [
    ...LIST_TABS.map(({ key, title }) => ({
      title: `Azure: ${title}`,
      icon: "cloud" as const,
      run: () => router.go({ place: "cloud", tab: key }),
    })),
    {
      title: "Look up a result code…",
      icon: "search",
      also: "azure adu agent extended error code",
      run: () => dialogs.open({ kind: "explain-code", text: "" }),
    },
    { title: "Import an update…", icon: "plus", also: "azure adu import manifest", run: importUpdate },
  ],
  Lists,
  pages: { import: ImportPage },
  PlanFields: PlanPart,
  PlanFollowUp: PlanPart,
  PlanConfirm: PlanDeployment,
  planRules: PLAN_RULES,
  planExtras: PLAN_EXTRAS,
  dialogs: {
    "start-deployment": StartDeployment,
    "collect-logs": CollectLogs,
    "explain-code": ExplainCode,
    "rename-class": RenameClass,
  },
} as const;
