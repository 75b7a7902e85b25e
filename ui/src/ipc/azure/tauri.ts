/** Azure Device Update, by the shell's generated commands. */
import { Channel } from "@tauri-apps/api/core";
import { commands, type ByteCount } from "../bindings";
import type { AzureHost } from "./host";

export const tauriAzure: AzureHost = {
  updateFile(file, onBytes) {
    const channel = new Channel<ByteCount>();
    channel.onmessage = onBytes;
    return commands.updateFile(file, channel);
  },
  readManifest: commands.readImportManifest,
  checkManifest: commands.checkImportManifest,
  mendManifest: commands.mendImportManifest,
  saveManifest: commands.saveImportManifest,
  planImport: async (account, files, text, options) =>
    await commands.planImport(`adu:${account}`, files, text, options),

  updates: commands.aduUpdates,
  update: commands.aduUpdate,
  async deleteUpdate(account, id) {
    await commands.deleteAduUpdate(account, id);
  },
  operations: commands.aduOperations,
  groups: commands.aduGroups,
  reach: commands.aduReach,
  reachOfManifest: commands.aduReachOfManifest,
  deployments: commands.aduDeployments,
  deployment: commands.aduDeployment,
  startDeployment: commands.startAduDeployment,
  cancelDeployment: commands.cancelAduDeployment,
  retryDeployment: commands.retryAduDeployment,
  async deleteDeployment(account, group, id) {
    await commands.deleteAduDeployment(account, group, id);
  },

  devices: commands.aduDevices,
  deviceHealth: commands.aduDeviceHealth,
  classes: commands.aduClasses,
  updatesOfClass: commands.aduUpdatesOfClass,
  renameClass: commands.renameAduClass,
  compliance: commands.aduCompliance,
  bestUpdates: commands.aduBestUpdates,
  explainCode: commands.explainAduCode,
  collectLogs: commands.collectAduLogs,
  logs: commands.aduLogs,
  log: commands.aduLog,
};
