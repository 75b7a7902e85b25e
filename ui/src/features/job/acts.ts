/** What can be done about a failed or waiting job, for the buttons of its remedies. */
import { cloudOf } from "../../clouds";
import { host, type Job } from "../../ipc";
import { attempt } from "../../state/attempt";
import { table } from "../../state/files.svelte";
import { imageOf } from "../../state/planFiles";
import { Draft, plans } from "../../state/plans.svelte";
import { router } from "../../state/route.svelte";
import type { Acts } from "../../shared/problem/words";

/** Opens the plan of the same delivery again; nothing is sent before it is confirmed. */
export function planAgain(job: Job, name?: string): void {
  const { files, options } = job.plan;
  const image = imageOf(job.plan);
  // A plan is made of one file here: several go back to where they are delivered from.
  if (files.length > 1) {
    void table.put(files.map((file) => file.path));
    return;
  }
  const draft = new Draft(
    image.path,
    image.file_name,
    job.summary.destination,
    job.summary.destination_name,
    cloudOf(job.summary.destination)?.planRules,
  );
  draft.options = name === undefined ? options : { ...options, name };
  void plans.open([draft]);
}

export function jobActs(job: Job): Acts {
  return {
    resume: () => void attempt(() => host().resumeJob(job.summary.id)),
    use_existing_image: () => void attempt(() => host().useExistingImage(job.summary.id)),
    adopt_upload_job: () => void attempt(() => host().adoptUploadJob(job.summary.id)),
    plan_again: () => planAgain(job),
    choose_another_name: ({ suggestion }) => planAgain(job, suggestion),
    inspect_again: () => void table.put(job.plan.files.map((file) => file.path)),
    choose_another_file: () => void table.pick(),
    test_account: ({ account }) => router.go({ place: "settings", account }),
    edit_account: ({ account }) => router.go({ place: "settings", account }),
  };
}
