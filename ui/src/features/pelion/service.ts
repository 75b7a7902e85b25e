/** What the window shows and offers of Pelion accounts; `clouds.ts` names it. */
import { dialogs } from "../../state/dialogs.svelte";
import "../../state/pelion/dialogs";
import { KIND } from "../../state/pelion/routes";
import { router } from "../../state/route.svelte";
import CampaignFields from "./CampaignFields.svelte";
import CampaignPage from "./CampaignPage.svelte";
import ComposePage from "./ComposePage.svelte";
import ImageFields from "./ImageFields.svelte";
import KeysDialog from "./KeysDialog.svelte";
import Lists from "./Lists.svelte";
import NewManifestPage from "./NewManifestPage.svelte";
import SendManifestDialog from "./SendManifestDialog.svelte";
import StartDialog from "./StartDialog.svelte";
import StopCampaignDialog from "./StopCampaignDialog.svelte";
import { composeNew, newManifest } from "./acts";
import { PLAN_EXTRAS } from "./planExtras";
import { PLAN_RULES } from "./planRules";
import { LIST_TABS } from "./words";

export const service = {
  kind: KIND,
  title: "Pelion",
  icon: "cloud",
  also: "pelion uploads images manifests campaigns devices",
  about: "Uploads, images, manifests, campaigns and devices of a Pelion account are shown here.",
  accountIs: "An account is the address of a Pelion service and an access key for it.",
  jobTitle: "Upload job",
  tabs: LIST_TABS,
  commands: [
    ...LIST_TABS.map(({ key, title }) => ({
      title: `Cloud: ${title}`,
      icon: "cloud" as const,
      run: () => router.go({ place: "cloud", tab: key }),
    })),
    { title: "New campaign…", icon: "plus", also: "cloud update", run: composeNew },
    { title: "New manifest…", icon: "plus", also: "cloud sign firmware", run: () => newManifest() },
    {
      title: "Manifest signing keys…",
      icon: "lock",
      also: "certificate pem development",
      run: () => dialogs.open({ kind: "manifest-keys" }),
    },
  ],
  Lists,
  pages: { campaign: CampaignPage, compose: ComposePage, "new-manifest": NewManifestPage },
  PlanFields: ImageFields,
  PlanFollowUp: CampaignFields,
  planRules: PLAN_RULES,
  planExtras: PLAN_EXTRAS,
  dialogs: {
    "start-campaign": StartDialog,
    "manifest-keys": KeysDialog,
    "send-manifest": SendManifestDialog,
    "stop-campaign": StopCampaignDialog,
  },
} as const;
