import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { beforeEach, expect, it, vi } from "vitest";
import { usualActs } from "../src/features/frame/usualActs";
import { useHost, type Remedy } from "../src/ipc";
import Problem from "../src/shared/problem/Problem.svelte";
import { remedyWords, useUsualActs, type Act } from "../src/shared/problem/words";
import { failures } from "../src/state/failures.svelte";
import { router } from "../src/state/route.svelte";
import { mockHost } from "../mock/host";
import { diagnosis } from "../mock/make";

/** One of each; a remedy that is added in the program does not compile here before it has its place. */
const EVERY: { [A in Act]: Extract<Remedy, { act: A }> } = {
  resume: { act: "resume" },
  plan_again: { act: "plan_again" },
  choose_another_file: { act: "choose_another_file" },
  inspect_again: { act: "inspect_again" },
  use_existing_image: { act: "use_existing_image", image_id: "0165" },
  adopt_upload_job: { act: "adopt_upload_job", upload_job_id: "0165" },
  choose_another_name: { act: "choose_another_name", suggestion: "gate 2" },
  test_account: { act: "test_account", account: "demo" },
  edit_account: { act: "edit_account", account: "demo" },
  allow_host: { act: "allow_host", host: "ci.lan" },
  wait: { act: "wait", seconds: 30 },
  reconnect: { act: "reconnect" },
  close_other_program: { act: "close_other_program" },
  free_space: { act: "free_space" },
  advice: { act: "advice", text: "Hold the button" },
};

/** What only a job or a plan can do. */
const OF_A_DELIVERY: Act[] = ["resume", "plan_again", "use_existing_image", "adopt_upload_job", "choose_another_name"];

beforeEach(() => {
  useHost(mockHost({ empty: true, demo: false, theme: "dark" }));
  useUsualActs(usualActs);
});

it("has a button that does something for every remedy, wherever the failure is shown", async () => {
  for (const remedy of Object.values(EVERY)) {
    const retry = vi.fn();
    router.go({ place: "deliver" });
    render(Problem, { diagnosis: diagnosis({ remedies: [remedy] }), retry });
    const words =
      remedy.act === "advice" || OF_A_DELIVERY.includes(remedy.act) ? "Try again" : remedyWords(remedy).button;
    const button = screen.getByRole("button", { name: words });
    await fireEvent.click(button);
    const went = ["choose_another_file", "test_account", "edit_account"].includes(remedy.act);
    if (went) await expect.poll(() => router.route.place, { message: remedy.act }).not.toBe("deliver");
    else expect(retry, remedy.act).toHaveBeenCalledOnce();
    cleanup();
  }
});

it("promises no resume where nothing is delivered, and has one button for one act", async () => {
  const remedies: Remedy[] = [{ act: "reconnect" }, { act: "resume" }];
  const retry = vi.fn();
  render(Problem, { diagnosis: diagnosis({ remedies }), retry });
  expect(screen.queryByRole("button", { name: "Resume" })).toBeNull();
  expect(screen.getAllByRole("button", { name: "Try again" })).toHaveLength(1);
  cleanup();
  const resume = vi.fn();
  render(Problem, { diagnosis: diagnosis({ remedies }), retry, acts: { resume } });
  await fireEvent.click(screen.getByRole("button", { name: "Resume" }));
  expect(resume).toHaveBeenCalledOnce();
});

it("has a button when the program names no remedy", async () => {
  const retry = vi.fn();
  render(Problem, { diagnosis: diagnosis({ remedies: [] }), retry });
  await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

it("stays until an act without a place of its own succeeds", async () => {
  let fails = true;
  const deed = () => (fails ? Promise.reject(new Error("no")) : Promise.resolve());
  await failures.run(deed);
  expect(failures.list).toHaveLength(1);
  fails = false;
  const [failure] = failures.list;
  if (failure !== undefined) await failures.again(failure);
  expect(failures.list).toHaveLength(0);
});
