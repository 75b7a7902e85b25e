/** The preview's Pelion account: one made-up account that answers at once, and campaigns that move when they are started. */
import { pathOf } from "../make";
import type { PageQueryRequest, Filter, FilterError } from "../../src/ipc/bindings";
import type { CampaignRow, PelionHost, ManifestRow, PageOf } from "../../src/ipc/pelion";
import { characters } from "../../src/state/characters";
import { ATTRIBUTES, GROUPS, QUERIES } from "./filters";
import { campaign, CAMPAIGNS, standing } from "./campaigns";
import { device, deviceDetail } from "./deviceRows";
import { IMAGES, MANIFESTS, manifestView, UPLOADS } from "./objects";
import { radius } from "./radius";
import { manifestOf, mockKeys } from "./keys";
import { campaignCauses, campaignDevices, countsOf } from "./devices";
import { diagnosis } from "../make";

const SUFFIX: Record<Filter["operator"], string> = {
  equal: "eq",
  not_equal: "neq",
  in: "in",
  not_in: "nin",
  at_most: "lte",
  at_least: "gte",
};

function page<T extends { id: string }>(all: readonly T[], ask: PageQueryRequest): PageOf<T> {
  const from = ask.after ? all.findIndex((each) => each.id === ask.after) + 1 : 0;
  const data = all.slice(from, from + (ask.limit ?? 50));
  return {
    data,
    has_more: from + data.length < all.length,
    total_count: ask.count ? all.length : null,
  };
}

/** As tolerant as the preview needs: conditions joined by `&`. */
function conditionsOf(text: string): Filter[] {
  if (text.trim() === "") return [];
  return text.split("&").map((piece) => {
    const [name = "", ...rest] = piece.split("=");
    const found = Object.entries(SUFFIX).find(([, suffix]) => name.endsWith(`__${suffix}`));
    const field = found ? name.slice(0, -found[1].length - 2) : name;
    if (field === "" || rest.length === 0) throw new Error("no condition");
    return {
      field,
      operator: (found?.[0] ?? "equal") as Filter["operator"],
      value: decodeURIComponent(rest.join("=")),
    };
  });
}

/** Where a text is no filter, as the program says it. */
function mistakeIn(text: string): FilterError | null {
  let at = 0;
  for (const piece of text.trim() === "" ? [] : text.split("&")) {
    const [name = ""] = piece.split("=");
    const wrong = (length: number, why: string, help: string) => ({ piece, at, length, why, help });
    if (!piece.includes("="))
      return wrong(
        characters(piece),
        "this condition has no =",
        "Write it as field__eq=value, for example state__eq=registered.",
      );
    if (name.endsWith("__like"))
      return wrong(
        characters(name),
        "this service does not compare by likeness",
        "Compare with __eq, or with __in and a list of values.",
      );
    at += characters(piece) + 1;
  }
  return null;
}

/** What the shell rejects with is no error of the page's own. */
function refused(change: Parameters<typeof diagnosis>[0]): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- said above
  return Promise.reject(diagnosis(change));
}

export function mockPelion(deviceCount: number): PelionHost {
  const empty = deviceCount === 0;
  const devices = Array.from({ length: deviceCount }, (_, at) => device(at));
  let campaigns: CampaignRow[] = empty ? [] : [...CAMPAIGNS];
  let images = empty ? [] : [...IMAGES];
  let manifests = empty ? [] : [...MANIFESTS];
  let uploads = empty ? [] : [...UPLOADS];
  let queries = empty ? [] : [...QUERIES];

  const matching = (filter: string) => {
    const conditions = conditionsOf(filter);
    return devices.filter((each) =>
      conditions.every(({ field, operator, value }) => {
        const has = (each as unknown as Record<string, string>)[field] ?? "";
        if (operator === "in") return value.split(",").includes(has);
        if (operator === "not_in") return !value.split(",").includes(has);
        return operator === "not_equal" ? has !== value : has === value;
      }),
    );
  };

  function put(row: CampaignRow): CampaignRow {
    campaigns = [row, ...campaigns.filter((each) => each.id !== row.id)];
    return row;
  }

  function find(id: string): CampaignRow {
    const found = campaigns.find((each) => each.id === id);
    if (!found) throw new Error(`no campaign ${id}`);
    return found;
  }

  function move(id: string, phase: string): CampaignRow {
    const { campaign: known } = find(id);
    return put(campaign({ ...known, phase, started_at: known.started_at ?? new Date().toISOString() }));
  }

  function putManifest(row: ManifestRow): Promise<ManifestRow> {
    manifests = [row, ...manifests];
    return Promise.resolve(row);
  }

  return {
    ...mockKeys(empty),
    makeManifest(_account, order) {
      const image = images.find((each) => each.id === order.image_id);
      return putManifest(manifestOf(order, image, MANIFESTS[0] as ManifestRow));
    },
    sendManifest(_account, file, name) {
      const path = pathOf(file);
      if (!path.includes("manifest"))
        return refused({
          code: "FD-501",
          title: "This is no manifest",
          what_happened: `${path} is no manifest of schema 1 or 3.`,
          state_now: "Nothing was sent.",
          remedies: [],
        });
      return putManifest({ ...(MANIFESTS[0] as ManifestRow), id: `m${Date.now()}`, name });
    },
    uploadJobs: (_account, ask) => Promise.resolve(page(uploads, ask)),
    images: (_account, ask) => Promise.resolve(page(images, ask)),
    manifests: (_account, ask) => Promise.resolve(page(manifests, ask)),
    manifest: (_account, id) => Promise.resolve(manifestView(manifests.find((each) => each.id === id))),
    campaigns: (_account, ask) => Promise.resolve(page(campaigns, ask)),
    devices: (_account, ask) => Promise.resolve(page(matching(ask.filter ?? ""), ask)),
    device: (_account, id) => Promise.resolve(deviceDetail(devices.find((each) => each.id === id))),
    countDevices: (_account, filter) => Promise.resolve(matching(filter).length),
    savedQueries: () => Promise.resolve(queries),
    saveQuery(_account, name, query) {
      const saved = { id: `q${queries.length}`, name, query, created_at: "", updated_at: "" };
      queries = [...queries, saved];
      return Promise.resolve(saved);
    },
    groups: () => Promise.resolve(empty ? [] : GROUPS),
    groupDevices: (_account, _group, ask) => Promise.resolve(page(devices.slice(0, 60), ask)),
    delete(_account, kind, id) {
      const without = <T extends { id: string }>(list: T[]) => list.filter((each) => each.id !== id);
      if (kind === "campaign") campaigns = without(campaigns);
      if (kind === "firmware_image") images = without(images);
      if (kind === "manifest") manifests = without(manifests);
      if (kind === "upload_job") uploads = without(uploads);
      if (kind === "saved_query") queries = without(queries);
      return Promise.resolve();
    },
    filterAttributes: () => Promise.resolve(ATTRIBUTES),
    readFilter(text) {
      const error = mistakeIn(text);
      return Promise.resolve({ conditions: error ? [] : conditionsOf(text), warnings: [], error });
    },
    writeFilter: (conditions) =>
      Promise.resolve(
        conditions
          .map(({ field, operator, value }) => `${field}__${SUFFIX[operator]}=${encodeURIComponent(value)}`)
          .join("&"),
      ),
    createCampaign: (_account, draft) =>
      Promise.resolve(
        put(
          campaign({
            ...draft,
            id: `c${Date.now()}`,
            root_manifest_id: draft.root_manifest_id ?? "",
            campaign_strategy: draft.campaign_strategy ?? "one-shot",
            phase: "draft",
            created_at: new Date().toISOString(),
          }),
        ),
      ),
    changeCampaign(_account, id, change) {
      const { campaign: known } = find(id);
      return Promise.resolve(put(campaign({ ...known, ...change, name: change.name ?? known.name } as typeof known)));
    },
    copyOfCampaign(_account, id, name, failed) {
      const { campaign: known } = find(id);
      const ids = campaignDevices(known.id, devices).filter((each) => each.ended === "failed");
      return Promise.resolve({
        name,
        description: known.description,
        root_manifest_id: known.root_manifest_id,
        device_filter: failed ? `id__in=${ids.map((each) => each.device_id).join(",")}` : known.device_filter,
        campaign_strategy: "one-shot",
      });
    },
    blastRadius: (_account, ask) =>
      Promise.resolve(radius(matching(ask.filter ?? ""), ask.strategy ?? "one-shot", ask.manifest_id ?? null)),
    startCampaign(_account, id, expected) {
      const now = matching(find(id).campaign.device_filter).length;
      if (now !== expected)
        return refused({
          code: "FD-455",
          title: "The number of devices has changed",
          what_happened: `${expected} devices were expected, ${now} match now.`,
          remedies: [],
        });
      setTimeout(() => move(id, "active"), 2_500);
      return Promise.resolve(move(id, "starting"));
    },
    stopCampaign(_account, id) {
      setTimeout(() => move(id, "stopped"), 2_500);
      return Promise.resolve(move(id, "stopping"));
    },
    archiveCampaign: (_account, id) => Promise.resolve(move(id, "archived")),
    lookAtCampaign(_account, id) {
      const view = find(id);
      const began = !["draft", "starting"].includes(view.campaign.phase);
      return Promise.resolve({
        view,
        counts: began ? countsOf(campaignDevices(id, devices)) : null,
        causes: began ? campaignCauses(campaignDevices(id, devices)) : [],
        look_again_seconds: standing(view.campaign).is_at_rest ? null : 3,
      });
    },
    campaignDevices: (_account, id, ask) =>
      Promise.resolve(page(find(id).campaign.phase === "draft" ? [] : campaignDevices(id, devices), ask)),
    exportCampaign: (_account, id) => Promise.resolve(`/srv/reports/campaign-${id}.csv`),
  };
}
