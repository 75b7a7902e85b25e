/** Azure Device Update, by the shell's generated commands. */
import { Channel } from "@tauri-apps/api/core";
import { commands, type ByteCount } from "../bindings";
import type { AzureHost } from "./host";

const OPTIONS = { name: null, description: null, address: null };

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
  planImport: async (account, files, text) => await commands.planImport(`adu:${account}`, files, text, OPTIONS),

  updates: commands.aduUpdates,
  update: commands.aduUpdate,
  async deleteUpdate(account, id) {
    await commands.deleteAduUpdate(account, id);
  },
  operations: commands.aduOperations,
  groups: commands.aduGroups,
  reach: commands.aduReach,
  deployments: commands.aduDeployments,
  deployment: commands.aduDeployment,
  startDeployment: commands.startAduDeployment,
  cancelDeployment: commands.cancelAduDeployment,
  retryDeployment: commands.retryAduDeployment,
};
