import { fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import App from "../src/App.svelte";
import { useHost, type Confirmation, type DestinationOffer } from "../src/ipc";
import { table } from "../src/state/files.svelte";
import { mockHost } from "../mock/host";
import { openFile, plan } from "../mock/make";

const DAMAGED: Confirmation = {
  about: "damaged",
  title: "Store a damaged file",
  consequence: "Record checksums: line 1: the checksum is F3, the bytes give F2.",
};

/** As the program offers a damaged file: to services that store bytes, after a confirmation, and to no reader. */
function ofDamaged(offer: DestinationOffer): DestinationOffer {
  const why = "The file is damaged";
  return { ...offer, fit: { verdict: offer.group === "clouds" ? "cannot_tell" : "does_not_fit", why } };
}

describe("a damaged file", () => {
  beforeEach(() => {
    const host = mockHost({ empty: false, demo: false, theme: "dark" });
    useHost({
      ...host,
      inspect: async (token) => {
        const verdict = await host.inspect(token);
        return { ...verdict, integrity: "damaged", destinations: verdict.destinations.map(ofDamaged) };
      },
      offers: async (token) => (await host.offers(token)).map(ofDamaged),
      plan: (_file, [destination = ""]) =>
        Promise.resolve([
          plan({ id: destination, destination_name: destination, impact: "upload", confirmations: [DAMAGED] }),
        ]),
    });
  });

  it("is never preselected, and is stored in a cloud only after a confirmation of its own", async () => {
    render(App);
    await table.put([openFile("/srv/damaged.bin")]);
    const file = table.files[0];
    expect(file?.chosen.size).toBe(0);
    const cloud = file?.offers.find((offer) => offer.group === "clouds");
    const reader = file?.offers.find((offer) => offer.group === "readers");
    file?.toggle(reader?.destination ?? "", true);
    expect(file?.chosen.size).toBe(0);
    file?.toggle(cloud?.destination ?? "", true);
    expect(file?.chosen.size).toBe(1);
    await fireEvent.click(await screen.findByRole("button", { name: /Review/ }));
    const tick = await screen.findByRole("checkbox", { name: /Store a damaged file/ });
    const primary = () => document.querySelector<HTMLButtonElement>("[data-primary]");
    expect(primary()?.disabled).toBe(true);
    await fireEvent.click(tick);
    await waitFor(() => expect(primary()?.disabled).toBe(false));
  });

  it("is compatible with nothing where many files are listed", async () => {
    render(App);
    await table.put([openFile("/srv/one.bin"), openFile("/srv/two.bin")]);
    expect(await screen.findAllByText("0 compatible")).toHaveLength(2);
  });
});
