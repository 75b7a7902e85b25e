/** Which component draws which dialog. */
import type { Component } from "svelte";
import { CLOUDS } from "./clouds";
import KeyMap from "./features/command/KeyMap.svelte";
import Palette from "./features/command/Palette.svelte";
import CloseDialog from "./features/frame/CloseDialog.svelte";
import DeleteDialog from "./features/frame/DeleteDialog.svelte";
import AddressDialog from "./features/image/AddressDialog.svelte";
import StopDialog from "./features/job/StopDialog.svelte";
import AddReader from "./features/reader/AddReader.svelte";
import type { DialogKind, DialogKinds } from "./state/dialogs.svelte";

/** A dialog that is opened with nothing has no properties. */
type Draws<P> = Component<P & Record<never, never>> | (object extends P ? Component<Record<string, never>> : never);
type Drawn = { [K in DialogKind]: Draws<DialogKinds[K]> };

/** All of a union together. */
type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;

const services = Object.assign({}, ...CLOUDS.map((cloud) => cloud.dialogs)) as All<(typeof CLOUDS)[number]["dialogs"]>;

const every: Drawn = {
  palette: Palette,
  keys: KeyMap,
  address: AddressDialog,
  "add-reader": AddReader,
  stop: StopDialog,
  close: CloseDialog,
  delete: DeleteDialog,
  ...services,
};

export const DIALOGS = every as unknown as Readonly<Record<DialogKind, Component<object>>>;
