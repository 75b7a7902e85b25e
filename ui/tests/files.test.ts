import { beforeEach, describe, expect, it, vi } from "vitest";
import { cloudOf } from "../src/clouds";
import { confirmWords, impactWords } from "../src/features/delivery/words";
import {
  useHost,
  type DestinationOffer,
  type Host,
  type Plan,
  type PlannedCampaign,
  type ReaderView,
} from "../src/ipc";
import { mockHost } from "../mock/host";
import { diagnosis, openFile, plan } from "../mock/make";
import { READERS } from "../mock/world";
import { announcer } from "../src/state/announce.svelte";
import { table, TableFile } from "../src/state/files.svelte";
import { pathsIn } from "../src/state/pathsIn";
import type { PelionPlan } from "../src/state/pelion/plan";
import { asCommand, Draft } from "../src/state/plans.svelte";
import { readers } from "../src/state/readers.svelte";
import { router } from "../src/state/route.svelte";

/** A rejection as the shell makes it: a diagnosis. */
class Refusal extends Error {
  constructor() {
    super();
    Object.assign(this, diagnosis({ code: "FD-101", title: "The file is empty" }));
  }
}

let host: Host;
beforeEach(() => {
  host = mockHost({ empty: true, demo: false, theme: "dark" });
  useHost(host);
});

describe("pasted text", () => {
  it("may hold paths, quoted paths, file addresses and https addresses, one a line", () => {
    expect(pathsIn('/a/b.bin\r\n"/c d.bin"\nfile:///e%20f.bin\nhttps://x.org/g.uf2\n# not this\n')).toEqual([
      "/a/b.bin",
      "/c d.bin",
      "/e f.bin",
      "https://x.org/g.uf2",
    ]);
  });
});

describe("a dropped file", () => {
  it("is judged, then hashed", async () => {
    await table.put([openFile("/srv/a.bin")]);
    const file = table.files[0];
    expect(file?.verdict?.file_name).toBe("a.bin");
    expect(router.route).toMatchObject({ place: "verdict", file: file?.id });
    await expect.poll(() => file?.digests?.md5).toBeDefined();
  });

  it("chooses nothing for a person, since several places fit", async () => {
    await table.put([openFile("/srv/a.bin")]);
    expect(table.files[0]?.chosen.size).toBe(0);
  });

  it("on a reader's row chooses that reader", async () => {
    await table.put([openFile("/srv/a.bin")], "sim:reader-3");
    expect([...(table.files[0]?.chosen ?? [])]).toEqual(["sim:reader-3"]);
  });

  it("on the row of a reader that was never identified chooses it as soon as it is", async () => {
    const [view] = READERS.filter(({ destination }) => destination === "sim:reader-3");
    if (view === undefined) throw new Error("no such reader");
    const verdict = await host.inspect(openFile("/srv/a.bin").token);
    const unknown = verdict.destinations.map((offer) =>
      offer.destination === view.destination
        ? { ...offer, fit: { verdict: "cannot_tell" as const, why: "It was not identified yet" } }
        : offer,
    );
    let identified = false;
    // The shell answers later than whatever the page has to do now.
    const offers = () =>
      new Promise<DestinationOffer[]>((resolve) =>
        setTimeout(() => resolve(identified ? verdict.destinations : unknown)),
      );
    useHost({
      ...host,
      inspect: () => Promise.resolve({ ...verdict, destinations: unknown }),
      offers,
      probe: () => {
        identified = true;
        return Promise.resolve(view);
      },
    });
    readers.take({
      number: 0,
      change: {
        kind: "readers",
        readers: [{ ...view, target: null, reader: { ...view.reader, access: { access: "not_identified" } } }],
      },
    });
    await table.put([openFile("/srv/a.bin")], view.destination);
    expect([...(table.files[0]?.chosen ?? [])]).toEqual([view.destination]);
    table.files = [];
    readers.take({ number: 0, change: { kind: "readers", readers: [] } });
  });

  it("retains what a user chose while simulated readers are still being identified", async () => {
    const verdict = await host.inspect(openFile("/srv/a.bin").token);
    const unasked = verdict.destinations.map((offer) =>
      offer.simulated ? { ...offer, fit: { verdict: "cannot_tell" as const, why: "It was not asked yet" } } : offer,
    );
    let asked = false;
    const answer = () => Promise.resolve({ ...verdict, destinations: asked ? verdict.destinations : unasked });
    useHost({ ...host, inspect: answer, offers: () => answer().then(({ destinations }) => destinations) });
    const file = new TableFile(openFile("/srv/a.bin"));
    const reading = file.read();
    await expect.poll(() => file.verdict).not.toBeNull();
    file.toggle("pelion:staging-eu", true);
    asked = true;
    await reading;
    expect([...file.chosen]).toEqual(["pelion:staging-eu"]);
  });

  it("never lets a user choose what does not fit or is unknown", async () => {
    const file = new TableFile(openFile("/srv/a.bin"));
    await file.read();
    file.toggle("smp+serial:/dev/ttyACM1", true);
    file.toggle("smp+serial:/dev/ttyUSB0", true);
    expect(file.chosen.size).toBe(0);
  });

  it("that cannot be read retains its diagnosis", async () => {
    useHost({
      ...host,
      inspect: () => Promise.reject(new Refusal()),
    });
    const file = new TableFile(openFile("/srv/empty.bin"));
    await file.read();
    expect(file.problem?.code).toBe("FD-101");
    expect(file.verdict).toBeNull();
  });

  it("from an address is fetched first", async () => {
    const file = new TableFile(openFile("https://example.org/x.bin"));
    await file.read();
    expect(file.here).toBe(true);
    expect(file.name).toBe("x.bin");
  });
});

it("a delivery as a command is quoted for the shell", () => {
  const draft = new Draft(
    openFile("/srv/it's here.bin"),
    "it's here.bin",
    "pelion:demo",
    "demo",
    cloudOf("pelion:demo")?.planRules,
  );
  draft.options = { name: "a b", address: 0x8000 };
  expect(asCommand(draft)).toBe(
    `firmdrop-cli deliver '/srv/it'\\''s here.bin' --to pelion:demo --name 'a b' --address 0x8000`,
  );
});

it("a draft beyond the service's limits is not ready", () => {
  const draft = new Draft(openFile("/srv/a.bin"), "a.bin", "pelion:demo", "demo", cloudOf("pelion:demo")?.planRules);
  draft.options = { name: "x".repeat(128), description: "é".repeat(2000) };
  expect(draft.valid).toBe(true);
  draft.options = { name: "x".repeat(129) };
  expect(draft.valid).toBe(false);
});

it("names on the button all that confirming does, a campaign that is only drafted too", () => {
  const campaign = {
    name: "c",
    description: "",
    filter: "state__eq=registered",
    strategy: "one-shot",
    stop_at_percent: null,
    manifest: {} as PlannedCampaign["manifest"],
    matching_devices: 12,
    start: false,
  } satisfies PlannedCampaign;
  const withCampaign = (campaign: PlannedCampaign): Plan & PelionPlan => ({
    ...plan({ impact: campaign.start ? "fleet" : "upload" }),
    campaign,
  });
  const upload = plan({ impact: "upload" });
  expect(confirmWords([upload])).toBe("Upload to demo");
  const readers = ["Gate 1", "Gate 2"].map((name) => plan({ impact: "device_write", destination_name: name }));
  expect(confirmWords([...readers, upload])).toBe("Write to 2 readers, upload to demo");
  expect(confirmWords([plan({ destination_name: "An account with a name that fills a button" })])).toBe(
    "Upload to 1 account",
  );
  expect(confirmWords([withCampaign(campaign)])).toBe("Upload to demo, draft 1 campaign");
  expect(confirmWords([withCampaign({ ...campaign, start: true })])).toBe(
    "Upload to demo, start 1 campaign for 12 devices",
  );
  expect(impactWords(withCampaign(campaign))).toBe("adds a firmware image, drafts a campaign");
});

it("judges only the destinations again when a reader comes or goes, and once for many changes", async () => {
  const file = new TableFile(openFile("/srv/gate-reader-2.4.1.signed.bin"));
  await file.read();
  table.files = [file];
  const inspect = vi.spyOn(host, "inspect");
  const offers = vi.spyOn(host, "offers");
  const take = (seen: ReaderView[]) => readers.take({ number: 0, change: { kind: "readers", readers: seen } });
  for (let times = 0; times < 5; times += 1) {
    take(READERS);
    take([]);
  }
  // The same readers as before change nothing.
  take([]);
  await expect.poll(() => offers.mock.settledResults.every(({ type }) => type === "fulfilled")).toBe(true);
  expect([inspect.mock.calls.length, offers.mock.calls.length]).toEqual([0, 2]);
  table.files = [];
});

it("says a message again that is equal to the last one", () => {
  announcer.say("1 job running");
  const first = announcer.polite;
  announcer.say("1 job running");
  expect(announcer.polite.text).toBe(first.text);
  expect(announcer.polite.number).not.toBe(first.number);
});
