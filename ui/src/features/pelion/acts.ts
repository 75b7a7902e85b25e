/** Ways into the composer. */
import { host, type Diagnosis } from "../../ipc";
import { pelion, type CampaignRow } from "../../ipc/pelion";
import { composer } from "../../state/pelion/composer.svelte";
import { manifestDesk } from "../../state/pelion/newManifest.svelte";
import { current } from "../../state/current.svelte";
import { attempt } from "../../state/attempt";
import { router } from "../../state/route.svelte";
import { dialogs } from "../../state/dialogs.svelte";

/** A new campaign in the account the window shows. */
export function composeNew(): void {
  if (current.account === undefined) router.go({ place: "cloud" });
  else composer.open(current.account.name);
}

/** A new campaign with this manifest. */
export function composeWithManifest(account: string, manifest: string): void {
  composer.open(account, (draft) => (draft.manifest = manifest));
}

/** A new campaign for the devices of a filter. */
export function composeForFilter(account: string, filter: string): void {
  composer.open(account, (draft) => void draft.filter.take(filter));
}

/** Resumes a draft the service holds. */
export function composeDraft(account: string, { id, campaign }: CampaignRow): void {
  composer.open(account, (draft) => {
    draft.like({
      ...campaign,
      root_manifest_id: campaign.root_manifest_id === "" ? null : campaign.root_manifest_id,
      campaign_strategy: campaign.campaign_strategy === "continuous" ? "continuous" : "one-shot",
    });
    draft.id = id;
  });
}

/** A copy of a campaign, for all its devices or for those that failed. Nothing is created yet. */
export function composeCopy(
  account: string,
  { id, campaign }: CampaignRow,
  failed: boolean,
): Promise<Diagnosis | null> {
  const name = failed ? `${campaign.name}, the failed` : `${campaign.name} again`;
  return attempt(async () => {
    const copy = await pelion().copyOfCampaign(account, id, name, failed);
    composer.open(account, (draft) => draft.like(copy));
  });
}

/** A new manifest in the account the window shows, for this image when one is named. */
export function newManifest(image?: string): void {
  if (current.account === undefined) router.go({ place: "cloud" });
  else manifestDesk.open(current.account.name, image);
}

/** Asks for a manifest file and for its name on the service. */
export async function pickManifest(account: string): Promise<void> {
  const [file] = await host().pickFiles();
  if (file !== undefined) dialogs.open({ kind: "send-manifest", account, file });
}
