// Sentences that are put together from parts, as they stand on the page.
import { render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it, vi } from "vitest";
import ExplainedCode from "../src/features/azure/ExplainedCode.svelte";
import Shares from "../src/features/azure/Shares.svelte";
import Notes from "../src/features/job/Notes.svelte";
import Silence from "../src/features/job/Silence.svelte";
import { useHost } from "../src/ipc";
import { mockHost } from "../mock/host";
import { job, summary } from "../mock/make";
import { clock } from "../src/state/clock.svelte";
import { jobs } from "../src/state/jobs.svelte";

beforeEach(() => {
  useHost(mockHost({ empty: true, demo: false, theme: "dark" }));
});

const words = (container: Element) => container.textContent.replaceAll(/\s+/g, " ").trim();

const waiting = () =>
  job(
    summary({
      state: { state: "running", phase: "send_chunks" },
      pace: {
        bytes_per_second: null,
        seconds_left: null,
        stalled: false,
        waiting: { until: new Date(clock.now + 3000).toISOString() },
      },
    }),
  );

it("a silence is said with its time from one second on", () => {
  const silence = vi.spyOn(jobs, "silence");
  silence.mockReturnValue(0.2);
  const { container, unmount } = render(Silence, { job: waiting() });
  expect(words(container)).toMatch(/^Retrying, next try in 3 s/);
  unmount();
  silence.mockReturnValue(7);
  expect(words(render(Silence, { job: waiting() }).container)).toMatch(
    /^Retrying, nothing confirmed for 7 s, next try in 3 s/,
  );
  silence.mockRestore();
});

it("retries in one row are counted, with their time from one second on, and the last is quoted", () => {
  const retries = (...seconds: number[]) =>
    seconds.map((at) => ({
      at: new Date(Date.parse("2026-03-01T12:00:00Z") + at * 1000).toISOString(),
      kind: "retry" as const,
      text: "Chunk 12 again",
      detail: null,
      piece: null,
    }));
  expect(words(render(Notes, { notes: retries(0, 20, 40) }).container)).toContain("3 retries in 40 s, last: Chunk 12");
  expect(words(render(Notes, { notes: retries(0, 0.3) }).container)).toContain("2 retries, last: Chunk 12");
});

it("a number that is not known is said of its part", () => {
  render(Shares, { total: 12, shares: [{ word: "updated", value: null, tone: "ok" }] });
  expect(screen.getByText("updated: not reported")).toBeTruthy();
});

it("the value of a result code is no quantity: nothing sets its thousands apart", () => {
  const code = {
    hex: "0x30101f40",
    number: 806_362_944,
    facility: "update handler",
    component: "swupdate handler",
    value: 8_000,
    is_foreign_value: false,
    cause: null,
    help: null,
  };
  expect(words(render(ExplainedCode, { code }).container)).toContain("value 8000");
});
