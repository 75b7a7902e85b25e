/** A Pelion account, by the shell's generated commands. */
import { commands, type CampaignLive, type CampaignView, type Page } from "../bindings";
import type { CampaignLook, CampaignRow, PageOf, PelionHost } from "./host";

function page<T>({ data, has_more, total_count }: Page<T>): PageOf<T> {
  return { data, has_more, total_count };
}

function row(view: CampaignView): CampaignRow {
  return { id: view.campaign.id, campaign: view.campaign, standing: view.standing };
}

function look(live: CampaignLive): CampaignLook {
  return { ...live, view: row(live.view) };
}

export const tauriPelion: PelionHost = {
  uploadJobs: async (account, ask) => page(await commands.cloudUploadJobs(account, ask)),
  images: async (account, ask) => page(await commands.cloudImages(account, ask)),
  manifests: async (account, ask) => page(await commands.cloudManifests(account, ask)),
  manifest: commands.cloudManifest,
  makeManifest: async (account, order) => await commands.makeManifest(account, order),
  sendManifest: async (account, file, name) => await commands.sendManifest(account, file, name),
  manifestKeys: commands.manifestKeys,
  newManifestKey: commands.newManifestKey,
  importManifestKey: commands.importManifestKey,
  certifyManifestKey: commands.certifyManifestKey,
  async campaigns(account, ask) {
    const { data, ...rest } = page(await commands.cloudCampaigns(account, ask));
    return { ...rest, data: data.map(row) };
  },
  devices: async (account, ask) => page(await commands.cloudDevices(account, ask)),
  device: commands.cloudDevice,
  countDevices: commands.countCloudDevices,
  savedQueries: async (account) => await commands.cloudQueries(account),
  saveQuery: async (account, name, query) => await commands.saveCloudQuery(account, name, query),
  groups: async (account) => await commands.cloudGroups(account),
  groupDevices: async (account, group, ask) => page(await commands.cloudGroupDevices(account, group, ask)),
  async delete(account, kind, id) {
    await commands.deleteInCloud(account, kind, id);
  },

  filterAttributes: commands.filterAttributes,
  readFilter: commands.readFilter,
  writeFilter: commands.writeFilter,

  createCampaign: async (account, draft) => row(await commands.createCampaign(account, draft)),
  changeCampaign: async (account, id, change) => row(await commands.changeCampaign(account, id, change)),
  copyOfCampaign: commands.copyOfCampaign,
  blastRadius: commands.blastRadius,
  startCampaign: async (account, id, expected) => row(await commands.startCampaign(account, id, expected)),
  stopCampaign: async (account, id) => row(await commands.stopCampaign(account, id)),
  archiveCampaign: async (account, id) => row(await commands.archiveCampaign(account, id)),
  lookAtCampaign: async (account, id, quiet) => look(await commands.campaignLive(account, id, quiet)),
  campaignDevices: async (account, id, ask) => page(await commands.campaignDevices(account, id, ask)),
  exportCampaign: commands.exportCampaign,
};
