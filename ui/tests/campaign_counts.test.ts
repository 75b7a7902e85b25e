// The numbers of a running campaign: all that stand on the screen at once are of one answer of the service.
import { render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { useHost, type CampaignDeviceRow } from "../src/ipc";
import { snapshotOf } from "../src/state/pelion/campaignSnapshot";
import { Live } from "../src/state/pelion/live.svelte";
import { Pages } from "../src/state/pelion/pages.svelte";
import { pageOf } from "../src/state/pelion/routes";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";

let host: ReturnType<typeof mockHost>;
beforeEach(() => {
  host = mockHost({ empty: false, demo: true, theme: "dark", devices: 40 });
  useHost(host);
});

const device = (at: number, ended: CampaignDeviceRow["ended"]): CampaignDeviceRow => ({
  id: `r${at}`,
  device_id: `d${at}`,
  name: `puck-${at}`,
  state: "",
  state_title: "",
  ended,
  since: "",
  event_type: ended === "failed" ? "UPD4_FAIL_216" : null,
  event_meaning: ended === "failed" ? "The manifest is for another device class." : null,
  what_to_do: null,
});
const DEVICES = [device(1, "updated"), device(2, "updated"), device(3, "failed"), device(4, null)];
/** The statistics know one device less to be updated: it reported between the two questions. */
const COUNTS = { total: 4, success: 1, failed: 1, skipped: 0, pending: 2, other: 0 };

async function look() {
  const found = await host.pelion.lookAtCampaign("demo", "c1", 0);
  return { ...found, counts: COUNTS, look_again_seconds: null };
}
const numbers = (css: string) =>
  [...document.querySelectorAll(css)].map((each) => each.textContent.replaceAll(/\s+/g, " ").trim());

describe("the numbers of a campaign", () => {
  it("are the same in its head, its tabs and its causes when the statistics are older than the list", async () => {
    const found = await look();
    const pelion = {
      ...host.pelion,
      lookAtCampaign: () => Promise.resolve(found),
      campaignDevices: () => Promise.resolve({ data: DEVICES, has_more: false, total_count: 4 }),
    };
    useHost({ ...host, services: { ...host.services, pelion } });
    render(App);
    router.go(pageOf("campaign", "demo", "c1"));
    await screen.findByRole("grid", { name: "Devices of the campaign" });
    await expect
      .poll(() => numbers(".campaign-tools .tabs button"))
      .toEqual(["All 4", "Failed 1", "Pending 1", "Updated 2", "Skipped 0"]);
    expect(numbers(".count-words .state")).toEqual(["1 pending", "2 updated", "1 failed, 25 %", "0 skipped"]);
    expect(numbers(".causes .strong")).toEqual(["1"]);
  });

  it("are those of the statistics, and of no tab, until every device was listed", () => {
    const counted = { view: {}, counts: COUNTS, causes: [], look_again_seconds: 2 } as never;
    expect(snapshotOf(counted, null)).toMatchObject({ counts: COUNTS, isOfList: false });
    expect(snapshotOf(counted, DEVICES.slice(0, 3))).toMatchObject({ counts: COUNTS, isOfList: false });
    expect(snapshotOf(counted, DEVICES)).toMatchObject({ counts: { success: 2, pending: 1 }, isOfList: true });
  });
});

describe("a list that is read again", () => {
  it("shows what it had until all of it has come: no number falls in between", async () => {
    const all = Array.from({ length: 2_350 }, (_, at) => ({ id: `d${at}` }));
    const seen: number[] = [];
    const pages = new Pages((ask) => {
      seen.push(pages.rows.length);
      const from = ask.after ? all.findIndex((each) => each.id === ask.after) + 1 : 0;
      const data = all.slice(from, from + (ask.limit ?? 50));
      return Promise.resolve({ data, has_more: from + data.length < all.length, total_count: all.length });
    });
    await pages.load();
    seen.length = 0;
    await pages.reload();
    expect(new Set(seen)).toEqual(new Set([all.length]));
    expect(pages.rows).toHaveLength(all.length);
  });

  it("is read to its end although the campaign moves on meanwhile, and then once more", async () => {
    let moment = 0;
    let walks = 0;
    const release: (() => void)[] = [];
    const found = await look();
    const pelion = {
      ...host.pelion,
      lookAtCampaign: () => Promise.resolve({ ...found, counts: { ...COUNTS, success: ++moment } }),
      campaignDevices: async () => {
        walks += 1;
        await new Promise<void>((resolve) => release.push(resolve));
        return { data: DEVICES, has_more: false, total_count: 4 };
      },
    };
    useHost({ ...host, services: { ...host.services, pelion } });
    const live = new Live("demo", "c1");
    const end = live.watch();
    await vi.waitFor(() => expect(walks).toBe(1));
    await live.now();
    await live.now();
    expect(walks).toBe(1);
    release[0]?.();
    await vi.waitFor(() => expect(walks).toBe(2));
    expect(live.devices.whole).toHaveLength(4);
    release[1]?.();
    await vi.waitFor(() => expect(live.devices.loading).toBe(false));
    expect(walks).toBe(2);
    end();
  });
});
