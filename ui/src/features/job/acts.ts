/** What can be done about a failed or waiting job, for the buttons of its remedies. */
import { cloudOf } from "../../clouds";
import { host, type Job } from "../../ipc";
import { failures } from "../../state/failures.svelte";
import { table } from "../../state/files.svelte";
import { imageOf } from "../../state/planFiles";
import { Draft, plans } from "../../state/plans.svelte";
import type { Acts } from "../../shared/problem/words";

/** Opens the plan of the same delivery again; nothing is sent before it is confirmed. */
export function planAgain(job: Job, name?: string): void {
  const { files, options } = job.plan;
  const image = imageOf(job.plan);
  // A plan is made of one file here: several go back to where they are delivered from.
  if (files.length > 1) {
    void table.putJob(job.summary.id);
    return;
  }
  void failures.run(async () => {
    const [file] = await host().openJobFiles(job.summary.id);
    if (file === undefined) return;
    const draft = new Draft(
      file,
      image.file_name,
      job.summary.destination,
      job.summary.destination_name,
      cloudOf(job.summary.destination)?.planRules,
    );
    draft.options = name === undefined ? options : { ...options, name };
    await plans.open([draft]);
  });
}

/** Does the work of a failed job again: the rest of it where something is left, otherwise from its plan. */
export function retryJob(job: Job): void {
  const { state } = job.summary;
  if (state.state === "failed" && state.resumable === true) void failures.run(() => host().resumeJob(job.summary.id));
  else planAgain(job);
}

export function jobActs(job: Job): Acts {
  return {
    resume: () => void failures.run(() => host().resumeJob(job.summary.id)),
    use_existing_image: () => void failures.run(() => host().useExistingImage(job.summary.id)),
    adopt_upload_job: () => void failures.run(() => host().adoptUploadJob(job.summary.id)),
    plan_again: () => planAgain(job),
    choose_another_name: ({ suggestion }) => planAgain(job, suggestion),
    inspect_again: () => void table.putJob(job.summary.id),
  };
}
