// The buttons of a dialog: the one that changes nothing first, the one that acts last, in every dialog.
import { render, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { dialogs, type OpenDialog } from "../src/state/dialogs.svelte";
import { composer } from "../src/state/pelion/composer.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";
import { openFile } from "../mock/make";
import { CAMPAIGNS } from "../mock/pelion/campaigns";

beforeEach(() => {
  useHost(mockHost({ empty: false, demo: true, theme: "dark", devices: 40 }));
  dialogs.close();
  router.replace({ place: "deliver" });
});

const row = { id: "u", provider: "Contoso", name: "Door", version: "1", is_deployable: true };
/** Every dialog in which something can be done, and what its last button begins with. */
const DIALOGS: [OpenDialog, RegExp][] = [
  [{ kind: "address", text: "/srv/a.bin" }, /^Inspect/],
  [{ kind: "add-reader" }, /^Identify and add/],
  [{ kind: "stop", job: "01658f9a0023" }, /^Stop for good/],
  [
    {
      kind: "delete",
      deletion: {
        what: "the image “a”",
        id: "a",
        button: "Delete 1 image",
        consequence: "c",
        send: () => Promise.resolve(),
      },
    },
    /^Delete 1 image/,
  ],
  [{ kind: "start-campaign" }, /^Start campaign/],
  [{ kind: "stop-campaign", account: "demo", campaign: CAMPAIGNS[0] } as OpenDialog, /^Stop 1 campaign/],
  [{ kind: "send-manifest", account: "demo", file: openFile("/srv/a.manifest") }, /^Upload 1 manifest/],
  [{ kind: "start-deployment", account: "contoso-blue", update: row } as unknown as OpenDialog, /^Deploy to/],
  [{ kind: "collect-logs", account: "contoso-blue", devices: ["a"] }, /^Collect logs/],
  [
    {
      kind: "rename-class",
      account: "contoso-blue",
      row: { id: "c", name: "door", properties: {} },
    } as unknown as OpenDialog,
    /^Rename/,
  ],
];
/** Those that cannot be taken back. */
const CAUTIOUS = ["stop", "delete", "start-campaign", "stop-campaign", "start-deployment"];

describe("the buttons of a dialog", () => {
  it.each(DIALOGS)("begin with Cancel and end with what the dialog does: $kind", async (open, act) => {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    if (open.kind === "start-campaign") composer.open("demo", (draft) => (draft.name = "Everywhere"));
    dialogs.open(open);
    const dialog = await screen.findByRole("dialog");
    await expect.poll(() => dialog.querySelector(".dialog-actions")).not.toBeNull();
    const words = [...dialog.querySelectorAll(".dialog-actions button")].map((button) => button.textContent.trim());
    expect(words[0]).toBe("Cancel");
    expect(words.at(-1)).toMatch(act);
    expect(words.length).toBeGreaterThan(1);
    const begins = document.activeElement?.textContent === "Cancel";
    expect(begins).toBe(CAUTIOUS.includes(open.kind));
  });

  it("are one Close where there is nothing to do", async () => {
    render(App);
    for (const kind of ["keys", "manifest-keys"] as const) {
      dialogs.open({ kind });
      const dialog = await screen.findByRole("dialog");
      await within(dialog).findByText("Close", { selector: ".dialog-actions button:only-child" });
      dialogs.close();
      await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
    }
  });
});
