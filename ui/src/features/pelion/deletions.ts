/** What is asked before something is deleted at the service. */
import type { CloudKind } from "../../ipc";
import {
  pelion,
  type CampaignRow,
  type ImageRow,
  type ManifestRow,
  type SavedQuery,
  type UploadRow,
} from "../../ipc/pelion";
import type { CloudLists } from "../../state/pelion/lists.svelte";
import { dialogs } from "../../state/dialogs.svelte";

function ask(
  lists: CloudLists,
  kind: CloudKind,
  object: { id: string; name: string },
  words: { noun: string; button: string; consequence: string },
  drop: (id: string) => void,
): void {
  dialogs.open({
    kind: "delete",
    deletion: {
      what: `the ${words.noun} “${object.name}”`,
      id: object.id,
      button: words.button,
      consequence: words.consequence,
      send: async () => {
        await pelion().delete(lists.account, kind, object.id);
        drop(object.id);
      },
    },
  });
}

export function deleteImage(lists: CloudLists, image: ImageRow): void {
  const words = {
    noun: "image",
    button: "Delete 1 image",
    consequence: "Devices can no longer fetch it. Manifests that point to it stay, and lead nowhere.",
  };
  ask(lists, "firmware_image", image, words, (id) => lists.images.drop(id));
}

export function deleteUpload(lists: CloudLists, job: UploadRow): void {
  const finished = job.firmware_image_id !== "";
  const words = {
    noun: "upload job",
    button: "Delete 1 upload job",
    consequence: finished
      ? "Its firmware image stays. Only the record of the upload goes."
      : "The chunks the service holds are lost; the upload cannot be resumed.",
  };
  ask(lists, "upload_job", job, words, (id) => lists.uploads.drop(id));
}

export function deleteManifest(lists: CloudLists, manifest: ManifestRow): void {
  const words = {
    noun: "manifest",
    button: "Delete 1 manifest",
    consequence: "Campaigns that use it can no longer deliver it. The image it points to stays.",
  };
  ask(lists, "manifest", manifest, words, (id) => lists.manifests.drop(id));
}

export function deleteCampaign(lists: CloudLists, view: CampaignRow, then: () => void = () => undefined): void {
  const words = {
    noun: "campaign",
    button: "Delete 1 campaign",
    consequence: "Its record and its statistics are lost. Devices keep their firmware.",
  };
  ask(lists, "campaign", view.campaign, words, (id) => {
    lists.campaigns.drop(id);
    then();
  });
}

export function deleteQuery(lists: CloudLists, query: SavedQuery): void {
  const words = {
    noun: "saved filter",
    button: "Delete 1 saved filter",
    consequence: "Campaigns hold the text of their filter, not this name: none of them changes.",
  };
  ask(lists, "saved_query", query, words, (id) => lists.queries.drop(id));
}
