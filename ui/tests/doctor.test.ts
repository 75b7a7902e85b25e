// The doctor's page: nothing is written before its text was shown and agreed to.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { mockHost } from "../mock/host";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";

let asked: string[] = [];

beforeEach(() => {
  const host = mockHost({ empty: false, demo: true, theme: "dark" });
  asked = [];
  useHost({
    ...host,
    makeFix(id, digest) {
      asked.push(`${id} ${digest}`);
      return host.makeFix(id, digest);
    },
  });
  router.replace({ place: "doctor" });
  session.started = false;
});

it("shows the text of a change before it can be agreed to, and undoes it", async () => {
  render(App);
  await screen.findByText(/may not open/);
  expect(screen.queryByText("Make this change…")).toBeNull();
  await fireEvent.click(screen.getByText("Show the change"));
  expect(screen.getByText(/^\+SUBSYSTEM=="tty"/)).toBeTruthy();
  expect(asked).toEqual([]);
  await fireEvent.click(screen.getByText("Make this change…"));
  const undo = await screen.findByText("Undo…");
  await expect.poll(() => undo.hasAttribute("disabled")).toBe(false);
  await fireEvent.click(undo);
  await screen.findByText("Undone");
  expect(asked).toEqual(["rule-10c4-ea60 d1"]);
});

it("says why a change was refused, and leaves the page as it was", async () => {
  const host = mockHost({ empty: false, demo: true, theme: "dark" });
  const refusal = {
    code: "FD-825",
    title: "Root's rights are needed",
    what_happened: "The file may not be written.",
    why: "Permission denied",
    state_now: "Nothing of the system was changed.",
    remedies: [{ act: "advice", text: "Run: sudo firmdrop-cli doctor --fix rule-10c4-ea60" }],
    details: [],
  };
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the shell rejects with
  useHost({ ...host, makeFix: () => Promise.reject(refusal) });
  render(App);
  await fireEvent.click(await screen.findByText("Show the change"));
  await fireEvent.click(screen.getByText("Make this change…"));
  await screen.findByText("Root's rights are needed");
  expect(screen.getByText(/Run: sudo firmdrop-cli/)).toBeTruthy();
  expect(screen.getByText("None on this computer.")).toBeTruthy();
});
