import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type Confirmation, type Host, type Plan } from "../src/ipc";
import { cloudOf } from "../src/clouds";
import { Draft, plans } from "../src/state/plans.svelte";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { expectationOf, expectationWords, totalOf } from "../src/features/delivery/rows";
import { diagnosis, openFile, phase, plan } from "../mock/make";

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
      Promise.resolve([
        plan({ id: destination, destination_name: destination, impact: "device_write", ...planned[destination] }),
      ]),
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
      plan: (_f, [d = ""]) =>
        Promise.resolve([plan({ id: d, destination_name: d, impact: "device_write", ...planned[d] })]),
      deliver,
    });
    render(App);
    await plans.open([draft("smp+serial:/dev/ttyACM0"), draft("smp+serial:/dev/ttyACM1")]);
    await screen.findByText("Left out");
    expect(document.querySelector("[data-primary]")?.textContent).toContain("Write to smp+serial:/dev/ttyACM0");
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

describe("one table of all destinations", () => {
  const rows = () => [...document.querySelectorAll("[data-target]")].map((row) => row.getAttribute("data-target"));

  it("has what needs a decision first and accounts last, and unfolds the details of one", async () => {
    planned = { "smp+serial:/dev/ttyACM1": { confirmations: [DOWNGRADE] } };
    render(App);
    await plans.open([draft("pelion:demo"), draft("smp+serial:/dev/ttyACM0"), draft("smp+serial:/dev/ttyACM1")]);
    await expect.poll(rows).toEqual(["smp+serial:/dev/ttyACM1", "smp+serial:/dev/ttyACM0", "pelion:demo"]);
    expect(screen.queryByText("Verified when")).toBeNull();
    await fireEvent.click(screen.getByLabelText("Unfold smp+serial:/dev/ttyACM0"));
    await screen.findByText("Verified when");
    const row = document.querySelector("[data-target='smp+serial:/dev/ttyACM0']");
    expect(row?.getAttribute("aria-expanded")).toBe("true");
    if (row !== null) await fireEvent.keyDown(row, { key: "ArrowLeft" });
    expect(row?.getAttribute("aria-expanded")).toBe("false");
  });

  it("says of each destination what it will be verified by, and of which it will not be", async () => {
    planned = {
      "smp+serial:/dev/ttyACM0": { verified_by: "hash_after_restart" },
      "dfu+usb:1-2": { verified_by: null },
    };
    render(App);
    await plans.open([draft("smp+serial:/dev/ttyACM0"), draft("dfu+usb:1-2")]);
    const proofs = () => [...document.querySelectorAll("td.proof")].map((cell) => cell.textContent.trim());
    await expect.poll(proofs).toEqual(["Hash after restart", "Not verified"]);
  });

  it("has one tick for a downgrade, in the row and in its confirmation, and none that confirms production", async () => {
    const PRODUCTION: Confirmation = { about: "production", title: "Deliver to production", consequence: "In use." };
    planned = {
      "smp+serial:/dev/ttyACM1": { confirmations: [DOWNGRADE] },
      "pelion:demo": { impact: "upload", confirmations: [PRODUCTION] },
    };
    render(App);
    await plans.open([draft("pelion:demo"), draft("smp+serial:/dev/ttyACM1")]);
    await fireEvent.click(await screen.findByLabelText("Deliver to smp+serial:/dev/ttyACM1"));
    expect(document.querySelector("[data-confirm=downgrade]")).toHaveProperty("checked", true);
    await fireEvent.click(screen.getByLabelText("Deliver to pelion:demo"));
    const confirmation = document.querySelector("[data-confirm=production]");
    expect([confirmation, document.activeElement]).toEqual([expect.objectContaining({ checked: false }), confirmation]);
    expect(plans.included.map(({ destination }) => destination)).toEqual(["smp+serial:/dev/ttyACM1"]);
  });

  it("refuses all while one that was ticked cannot be done, says why, and delivers the rest once it is left out", async () => {
    const refusal = diagnosis({ code: "FD-301", title: "The reader is gone" });
    useHost({
      ...host,
      plan: (_f, [d = ""]) =>
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as the shell rejects
        d.endsWith("1") ? Promise.reject(refusal) : Promise.resolve([plan({ id: d, destination_name: d })]),
    });
    render(App);
    await plans.open([draft("smp+serial:/dev/ttyACM0"), draft("smp+serial:/dev/ttyACM1")]);
    await expect.poll(() => plans.held).toBe("smp+serial:/dev/ttyACM1: The reader is gone");
    expect(rows()[0]).toBe("smp+serial:/dev/ttyACM1");
    await fireEvent.click(screen.getByText("Leave it out"));
    await expect.poll(() => plans.ready).toBe(true);
    expect(plans.included.map(({ destination }) => destination)).toEqual(["smp+serial:/dev/ttyACM0"]);
  });
});

describe("how long all of it takes", () => {
  const timed = (destination: string, seconds: (number | null)[]) => {
    const of = draft(destination);
    of.plan = plan({ phases: seconds.map((usual, at) => phase(String(at), "Step", { usual_seconds: usual })) });
    return of;
  };

  it("is that of the slowest destination, whose deliveries follow one another", () => {
    expect(totalOf([timed("a:1", [10, 5]), timed("b:1", [9]), timed("b:1", [8])])).toEqual({
      seconds: 17,
      open: false,
      slowest: "b:1",
      destinations: 2,
    });
  });

  it("is at least what is known where a part depends on the connection", () => {
    expect(expectationWords(expectationOf(plan({ phases: [phase("send", "Send", { usual_seconds: null })] })))).toBe(
      "at least 1 s",
    );
    expect(totalOf([timed("a:1", [10, null])])?.open).toBe(true);
  });
});

it("holds back a plan whose campaign was ticked and has no devices", async () => {
  planned = { "pelion:demo": { impact: "upload" } };
  render(App);
  await plans.open([draft("pelion:demo")]);
  await expect.poll(() => plans.ready).toBe(true);
  const tick = await screen.findByLabelText(/^Also sign a manifest/);
  await fireEvent.click(tick);
  await screen.findByText("The campaign has no devices yet: add a condition");
  expect(plans.ready).toBe(false);
  // Folded away, it is still refused, and what was ticked is still there.
  await fireEvent.click(screen.getByLabelText("Fold pelion:demo"));
  expect(plans.ready).toBe(false);
  await fireEvent.click(screen.getByText("Untick the campaign"));
  await expect.poll(() => plans.ready).toBe(true);
  expect(tick).toHaveProperty("checked", false);
  router.go({ place: "deliver" });
});
