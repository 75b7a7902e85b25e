import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type Confirmation, type Host, type Plan } from "../src/ipc";
import { cloudOf } from "../src/clouds";
import { Draft, plans } from "../src/state/plans.svelte";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { openFile, plan } from "../mock/make";

const DOWNGRADE: Confirmation = {
  about: "downgrade",
  title: "Downgrade Gate reader 12 from 2.5.0 to 2.4.2",
  consequence: "Older firmware may not read the settings of newer firmware.",
};
const UNSIGNED: Confirmation = {
  about: "unsigned",
  title: "Deliver an image without a signature",
  consequence: "Nothing proves who built it.",
};

let host: Host;
let planned: Record<string, Partial<Plan>>;
beforeEach(() => {
  planned = {};
  host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost({
    ...host,
    plan: (_file, [destination = ""]) =>
      Promise.resolve([plan({ id: destination, impact: "device_write", ...planned[destination] })]),
  });
});

const draft = (destination: string) =>
  new Draft(openFile("/srv/a.bin"), "a.bin", destination, destination, cloudOf(destination)?.planRules);

describe("confirmations", () => {
  it("leave a target out until its own is given, and count it on the button", async () => {
    planned = { "smp+serial:/dev/ttyACM1": { confirmations: [DOWNGRADE] } };
    const deliver = vi.fn<Host["deliver"]>().mockResolvedValue(["j1"]);
    useHost({
      ...host,
      plan: (_f, [d = ""]) => Promise.resolve([plan({ id: d, impact: "device_write", ...planned[d] })]),
      deliver,
    });
    render(App);
    await plans.open([draft("smp+serial:/dev/ttyACM0"), draft("smp+serial:/dev/ttyACM1")]);
    await screen.findByText("Left out");
    expect(document.querySelector("[data-primary]")?.textContent).toContain("Write to 1 reader");
    await fireEvent.click(screen.getByText(DOWNGRADE.title));
    expect(document.querySelector("[data-primary]")?.textContent).toContain("Write to 2 readers");
    await plans.confirm();
    expect(deliver).toHaveBeenCalledWith([
      { plan: "smp+serial:/dev/ttyACM0", confirmed: [] },
      { plan: "smp+serial:/dev/ttyACM1", confirmed: ["downgrade"] },
    ]);
  });

  it("about the image hold back everything, and are asked for once", async () => {
    planned = {
      "smp+serial:/dev/ttyACM0": { confirmations: [UNSIGNED] },
      "smp+serial:/dev/ttyACM1": { confirmations: [UNSIGNED] },
    };
    render(App);
    await plans.open([draft("smp+serial:/dev/ttyACM0"), draft("smp+serial:/dev/ttyACM1")]);
    const tick = await screen.findByText(UNSIGNED.title);
    expect(plans.ready).toBe(false);
    await fireEvent.click(tick);
    expect(plans.ready).toBe(true);
  });

  it("that are all missing leave nothing to deliver", async () => {
    planned = { "smp+serial:/dev/ttyACM1": { confirmations: [DOWNGRADE] } };
    await plans.open([draft("smp+serial:/dev/ttyACM1")]);
    expect([plans.ready, plans.held]).toEqual([false, "Confirm at least one destination"]);
  });
});

it("holds back a plan whose campaign was ticked and has no devices", async () => {
  planned = { "pelion:demo": { impact: "upload" } };
  render(App);
  await plans.open([draft("pelion:demo")]);
  await expect.poll(() => plans.ready).toBe(true);
  const tick = await screen.findByLabelText(/^Also sign a manifest/);
  await fireEvent.click(tick);
  await screen.findByText("The campaign has no devices yet: add a condition, or untick it");
  expect(plans.ready).toBe(false);
  await fireEvent.click(tick);
  await expect.poll(() => plans.ready).toBe(true);
  router.go({ place: "deliver" });
});
