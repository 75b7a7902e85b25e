/** How the ways to a reader are drawn. */
import type { ReaderChannel } from "../ipc/bindings";
import type { IconName } from "./icons";

const CHANNELS: Record<ReaderChannel, IconName> = {
  usb: "usb",
  ble: "ble",
  serial: "serial",
  network: "net",
  simulated: "sim",
};

export function channelIcon(channel: ReaderChannel): IconName {
  return CHANNELS[channel];
}
