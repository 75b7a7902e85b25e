// A filter that is being typed: what is wrong stands at its field, with the place, and nothing is sent that the screen does not show.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { placeOf } from "../src/features/pelion/filterPlace";
import { useHost } from "../src/ipc";
import { composer } from "../src/state/pelion/composer.svelte";
import { clouds } from "../src/state/pelion/lists.svelte";
import { router } from "../src/state/route.svelte";
import { session } from "../src/state/session.svelte";
import { mockHost } from "../mock/host";

let host: ReturnType<typeof mockHost>;
beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark", devices: 40 });
  useHost(host);
  clouds.forget();
  session.settings = { ...session.settings, account: null };
  router.replace({ place: "deliver" });
});

const field = () => screen.findByPlaceholderText<HTMLInputElement>(/As text/);

describe("a filter with an error", () => {
  it("says where and why at its field, without a failure page, and leads to the place", async () => {
    render(App);
    router.go({ place: "cloud", tab: "devices" });
    const typed = await field();
    await fireEvent.input(typed, { target: { value: "state__eq=registered&name__like=puck" } });
    const said = await screen.findByText(/Character 22: this service does not compare by likeness\./);
    expect(typed.getAttribute("aria-invalid")).toBe("true");
    expect(typed.getAttribute("aria-describedby")).toBe(said.closest("p")?.id);
    expect(document.querySelector(".filter-builder .problem")).toBeNull();
    expect(document.querySelector(".filter-builder mark")?.textContent).toBe("name__like");
    await fireEvent.click(screen.getByText("Go to error"));
    expect(document.activeElement).toBe(typed);
    expect(typed.value.slice(typed.selectionStart ?? 0, typed.selectionEnd ?? 0)).toBe("name__like");
  });

  it("offers no campaign for the devices of the filter before it, which are still below", async () => {
    render(App);
    router.go({ place: "cloud", tab: "devices" });
    await fireEvent.input(await field(), { target: { value: "state__eq=registered" } });
    const offer = await screen.findByText(/^New campaign for \d+ devices…/);
    expect(offer.hasAttribute("disabled")).toBe(false);
    await fireEvent.input(await field(), { target: { value: "state__eq=registered&name" } });
    await screen.findByText(/Character 22: this condition has no =/);
    screen.getByText("Below are the devices of the last valid filter.");
    expect(offer.hasAttribute("disabled")).toBe(true);
    await fireEvent.input(await field(), { target: { value: "state__eq=registered" } });
    await expect.poll(() => offer.hasAttribute("disabled")).toBe(false);
    expect(screen.queryByText("Go to error")).toBeNull();
  });

  it("is stored in no draft: the draft would hold the filter before it", async () => {
    const create = vi.spyOn(host.pelion, "createCampaign");
    render(App);
    await expect.poll(() => session.started).toBe(true);
    composer.open("demo", (draft) => {
      draft.name = "Everywhere";
      void draft.filter.take("state__eq=registered");
    });
    await fireEvent.input(await field(), { target: { value: "state__eq=registered&name" } });
    await screen.findByText("Go to error");
    await fireEvent.click(screen.getByText("Save draft"));
    await screen.findByText("The filter cannot be read", { selector: ".foot span" });
    expect(create).not.toHaveBeenCalled();
  });
});

describe("a condition without a value", () => {
  it("is said to be missing, and holds back a campaign that would reach more devices than the screen shows", async () => {
    render(App);
    await expect.poll(() => session.started).toBe(true);
    composer.open("demo", (draft) => {
      draft.name = "Everywhere";
      draft.manifest = "01";
      void draft.filter.take("state__eq=registered");
    });
    const { draft } = composer;
    await expect.poll(() => draft?.startable).toBe(true);
    draft?.filter.change([...draft.filter.conditions, { field: "name", operator: "equal", value: "" }]);
    await screen.findByText(/Condition 2 has no value and is not\s+applied\./);
    expect(draft?.startable).toBe(false);
    expect(draft?.blockers).toContain("A condition has no value");
  });
});

it("auto-stop is a whole percentage from 1 to 100, or the campaign is neither stored nor started", () => {
  composer.open("demo", (draft) => (draft.name = "Everywhere"));
  const { draft } = composer;
  if (draft === null) throw new Error("no draft");
  for (const wrong of [0, 101, 12.5, -1, null as unknown as number]) {
    draft.percent = wrong;
    expect(draft.unstorable).toBe("Auto-stop needs a whole percentage from 1 to 100");
  }
  draft.autostop = false;
  expect(draft.unstorable).toBeUndefined();
  [draft.autostop, draft.percent] = [true, 95];
  expect(draft.unstorable).toBeUndefined();
});

it("the place of an error is counted in characters by the program and in code units by a field", () => {
  const text = "name__eq=🎈&oops";
  const place = placeOf(text, { piece: "oops", at: 11, length: 4, why: "", help: "" });
  expect(text.slice(place.from, place.to)).toBe("oops");
  expect(placeOf("state__eq=a&", { piece: "", at: 12, length: 0, why: "", help: "" })).toMatchObject({
    marked: "",
    from: 12,
    to: 12,
  });
});
