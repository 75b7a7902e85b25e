/** What every place of the window can do about a failure. A remedy that is added in the program must be added here. */
import type { UsualActs } from "../../shared/problem/words";
import { table } from "../../state/files.svelte";
import { router } from "../../state/route.svelte";

/** Acts that need what only some places have, a job or a plan, do again what failed. */
export const usualActs: UsualActs = (retry) => ({
  resume: retry,
  plan_again: retry,
  inspect_again: retry,
  use_existing_image: retry,
  adopt_upload_job: retry,
  choose_another_name: retry,
  allow_host: retry,
  wait: retry,
  reconnect: retry,
  close_other_program: retry,
  free_space: retry,
  choose_another_file: () => void table.pick(),
  test_account: ({ account }) => router.go({ place: "settings", account }),
  edit_account: ({ account }) => router.go({ place: "settings", account }),
});
