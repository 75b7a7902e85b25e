/** What a delivery to a Pelion account may say, and how its own options are written on the command line. */
import { characters } from "../../state/characters";
import { pelionOptions } from "../../state/pelion/plan";
import type { DraftRules } from "../../state/plans.svelte";

/** What the service allows; it counts characters. */
export const NAME_LIMIT = 128;
export const DESCRIPTION_LIMIT = 2000;

export const PLAN_RULES: DraftRules = {
  allows: ({ name, description }) => characters(name) <= NAME_LIMIT && characters(description) <= DESCRIPTION_LIMIT,
  flags: (options) => {
    const { campaign } = pelionOptions(options);
    return [
      ...(campaign ? ["--campaign", campaign.name, "--filter", campaign.filter] : []),
      ...(campaign?.manifest?.version ? ["--fw-version", campaign.manifest.version] : []),
    ];
  },
};
