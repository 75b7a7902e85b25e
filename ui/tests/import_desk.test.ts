// The update that is being put together: what was entered is not lost by a click, nor by looking at another account.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost } from "../src/ipc";
import { importDesk } from "../src/state/azure/importDraft.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";

beforeEach(() => {
  useHost(mockHost({ empty: false, demo: false, theme: "dark", account: "adu:contoso-blue" }));
  router.replace({ place: "deliver" });
});

const provider = () => document.querySelector<HTMLInputElement>('[data-field="/updateId/provider"]');

it("Start over puts what was entered aside, and Restore draft brings it back with the keyboard beside it", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  importDesk.open("contoso-blue");
  await expect.poll(provider).not.toBeNull();
  const field = provider();
  if (field === null) throw new Error("no field");
  await fireEvent.input(field, { target: { value: "Contoso" } });
  await expect.poll(() => importDesk.draft?.identity?.provider).toBe("Contoso");
  expect(screen.queryByText("Restore draft")).toBeNull();
  await fireEvent.click(screen.getByText("Start over"));
  await expect.poll(() => provider()?.value).toBe("");
  await fireEvent.click(await screen.findByText("Restore draft"));
  await expect.poll(() => provider()?.value).toBe("Contoso");
  await expect.poll(() => document.activeElement?.textContent.trim()).toBe("Start over");
  expect(screen.queryByText("Restore draft")).toBeNull();
});

it("each account has its own: another one that is begun meanwhile takes nothing away", () => {
  importDesk.open("contoso-blue");
  const first = importDesk.draft;
  importDesk.open("contoso-green");
  expect(importDesk.draft).not.toBe(first);
  importDesk.open("contoso-blue");
  expect(importDesk.draft).toBe(first);
});

it("Review before the manifest was ever checked checks it, and the keyboard goes to the first problem", async () => {
  render(App);
  await expect.poll(() => session.started).toBe(true);
  importDesk.open("contoso-blue");
  importDesk.clear();
  await expect.poll(provider).not.toBeNull();
  expect(importDesk.draft?.checked).toBe(false);
  const button = screen.getByText(/^Review import of/).closest("button");
  if (button === null) throw new Error("no button");
  await fireEvent.click(button);
  await expect.poll(() => document.activeElement?.getAttribute("data-field")).toBe("/updateId/provider");
});
