// Names that others chose: long, from right to left, with characters of several parts, or made to look like another name.
import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import App from "../src/App.svelte";
import { cloudOf, targetName } from "../src/clouds";
import PlanTable from "../src/features/delivery/PlanTable.svelte";
import { useHost, type AccountView, type Host } from "../src/ipc";
import { accounts } from "../src/state/accounts.svelte";
import { ACCOUNTS } from "../mock/world";
import { confirmWords } from "../src/features/delivery/words";
import { deliveryWords } from "../src/features/job/words";
import { slotName, slotVersion } from "../src/features/reader/words";
import Parts from "../src/shared/problem/Parts.svelte";
import Facts from "../src/features/job/Facts.svelte";
import Notes from "../src/features/job/Notes.svelte";
import Middle from "../src/shared/Middle.svelte";
import { linesOf, widthOf } from "../src/shared/measure";
import { isolated, middleOf, plain } from "../src/shared/names";
import { dialogs } from "../src/state/dialogs.svelte";
import { pathsIn } from "../src/state/pathsIn";
import { takeText } from "../src/state/paste";
import { Draft } from "../src/state/plans.svelte";
import { mockHost } from "../mock/host";
import { diagnosis, job, openFile, planTo, summary } from "../mock/make";

let host: Host;
beforeEach(() => {
  host = mockHost({ empty: false, demo: false, theme: "dark" });
  useHost(host);
  dialogs.close();
});

const FAMILY = "👨‍👩‍👧‍👦";

describe("a long name", () => {
  it("loses its middle, and its end with the number stays", () => {
    expect(middleOf("gate-reader-2.4.1.signed.release-candidate-0002.bin")).toEqual({
      front: "gate-reader-2.4.1.signed.release-cand",
      back: "idate-0002.bin",
    });
    expect(middleOf("gateway.img")).toEqual({ front: "gateway.img", back: "" });
  });

  it("is not torn within a character", () => {
    const name = `${"x".repeat(20)}${FAMILY.repeat(3)}-firmware.bin`;
    const { front, back } = middleOf(name);
    expect(front + back).toBe(name);
    expect(back.startsWith(FAMILY) || !back.includes("\u200d")).toBe(true);
    expect(/^[\udc00-\udfff\u200d]/.test(back)).toBe(false);
  });

  it("from right to left stays in one piece, which is read in its order", () => {
    const { container } = render(Middle, { text: "קושחה-לקורא-השער-הראשי-של-הבניין-המרכזי-2.4.1-חתום.bin" });
    expect(container.querySelectorAll(".middle > span")).toHaveLength(1);
    expect(container.textContent).toMatch(/^קושחה.*….*חתום\.bin$/);
  });
});

describe("a name with characters that turn the direction", () => {
  const name = "evil\u202egpj.bin";

  it("shows them, and turns nothing", () => {
    expect(plain(name)).toBe("evil\ufffdgpj.bin");
    expect(deliveryWords(summary({ image_name: name, image_version: null, destination_name: "Gate 04" }))).toBe(
      "evil\ufffdgpj.bin to Gate 04",
    );
  });

  it("does not turn the button that confirms", () => {
    const plan = { ...planTo("smp+serial:/dev/ttyACM0"), destination_name: "Gate\u202e 40" };
    expect(confirmWords([plan])).not.toContain("\u202e");
  });

  it("from right to left does not move the words around it", () => {
    expect(isolated("שער 4")).toBe("\u2068שער 4\u2069");
    expect(isolated("Gate 4")).toBe("Gate 4");
  });
});

describe("a target", () => {
  const account = (kind: string, name: string): AccountView => ({
    ...someAccount(),
    id: `${kind}:${name}`,
    kind,
    name,
  });
  const someAccount = () => {
    const [known] = ACCOUNTS;
    if (known === undefined) throw new Error("no account");
    return known;
  };

  it("has its service beside its name where accounts of two services have one name", () => {
    accounts.list = [account("pelion", "eu"), account("adu", "eu"), account("pelion", "us")];
    expect(targetName("pelion:eu", "eu")).toBe("eu · Pelion");
    expect(targetName("adu:eu", "eu")).toContain("eu · Azure");
    expect(targetName("pelion:us", "us")).toBe("us");
    expect(targetName("smp+serial:/dev/ttyACM0", "eu")).toBe("eu");
    accounts.list = [];
  });

  it("has it in its row of the plan too, where a small window has no column for the place", () => {
    accounts.list = [account("pelion", "eu"), account("adu", "eu")];
    const rules = cloudOf("pelion:eu")?.planRules;
    const drafts = [new Draft(openFile("/srv/a.bin"), "a.bin", "pelion:eu", "eu", rules)];
    const { container } = render(PlanTable, { drafts });
    expect(container.querySelector("td.name")?.textContent).toContain("eu · Pelion");
    accounts.list = [];
  });
});

describe("the height of a row", () => {
  it("is that of the lines which the target takes, wide characters too", () => {
    expect(widthOf("読取装置")).toBeGreaterThan(1.5 * widthOf("abcd"));
    const measure = (text: string) => text.length * 10;
    expect(linesOf("to Gate 04", 200, measure)).toBe(1);
    expect(linesOf("to Gate reader 04", 100, measure)).toBe(2);
    expect(linesOf(`to ${"x".repeat(45)}`, 100, measure)).toBe(6);
    expect(linesOf("aaaaaa bbbbbb cccccc", 100, measure)).toBe(3);
  });
});

describe("a slot of a reader", () => {
  const slot = {
    image: 0,
    slot: 1,
    version: null,
    hash: null,
    active: false,
    confirmed: false,
    pending: false,
    permanent: false,
    bootable: true,
  };

  it("is not empty because its version is not reported", () => {
    expect(slotVersion({ ...slot, hash: "9f2c" })).toBe("version not reported");
    expect(slotVersion(slot)).toBe("contents not reported");
    expect(slotVersion({ ...slot, version: "2.4.0" })).toBe("2.4.0");
  });

  it("of a second image is not called like that of the first", () => {
    expect(slotName(slot)).toBe("Slot 1");
    expect(slotName({ ...slot, image: 2, slot: 0 })).toBe("Image 2, slot 0");
  });
});

describe("a name with a line break or another control", () => {
  it("stays in its line, and shows that there is one", () => {
    expect(plain("new\nline\t.bin")).toBe("new\ufffdline\ufffd.bin");
    expect(plain("a\u2028b\u0007")).toBe("a\ufffdb\ufffd");
    expect(middleOf("new\nline.bin").front).toBe("new\ufffdline.bin");
  });
});

describe("the same text twice, from the other side, breaks no list", () => {
  it("of details, facts and events", () => {
    const twice = [
      { label: "Request", value: "1" },
      { label: "Request", value: "2" },
    ];
    const { container } = render(Parts, { diagnosis: diagnosis({ details: twice }), retry: () => undefined });
    expect(container.querySelectorAll("dt")).toHaveLength(2);
    const facts = render(Facts, { job: job(summary(), { remote: twice }) });
    expect(facts.container.textContent.match(/Request/g)).toHaveLength(2);
    const note = { at: "2026-03-01T12:00:00Z", kind: "step" as const, text: "Begun", detail: null, piece: null };
    const events = render(Notes, { notes: [note, note] });
    expect(events.container.querySelectorAll("li")).toHaveLength(2);
  });
});

describe("a pasted path", () => {
  it("is found among spaces and characters that nobody sees", () => {
    expect(pathsIn("\ufeff\u00a0/srv/a.bin\u200b\r\n\r\n")).toEqual(["/srv/a.bin"]);
    expect(pathsIn("\u2068/srv/a.bin\u2069\r/srv/b.bin")).toEqual(["/srv/a.bin", "/srv/b.bin"]);
    expect(pathsIn("/srv/with space/\u05e7.bin")).toEqual(["/srv/with space/\u05e7.bin"]);
  });

  it("that is relative is no reason to lose the others: all of them are in the field that asks", async () => {
    const openTexts = vi.spyOn(host, "openTexts");
    render(App);
    takeText("fw/a.bin\n/srv/b.bin\nfw/c.bin\n");
    const field = await screen.findByLabelText(/^Paths or URLs/);
    expect((field as HTMLTextAreaElement).value).toBe("fw/a.bin\n/srv/b.bin\nfw/c.bin");
    await fireEvent.click(screen.getByText("Inspect 3 files"));
    await expect.poll(() => openTexts.mock.calls[0]?.[0]).toEqual(["fw/a.bin", "/srv/b.bin", "fw/c.bin"]);
  });

  it("of another computer is not taken for one of this", () => {
    expect(pathsIn("file://nas.local/share/a.bin")).toEqual(["file://nas.local/share/a.bin"]);
    expect(pathsIn("FILE://localhost/srv/a%20b.bin")).toEqual(["/srv/a b.bin"]);
    expect(pathsIn("file:///C:/fw/a.bin")).toEqual(["C:/fw/a.bin"]);
  });
});
