// A service with as many devices as are wanted, and nothing else: what a large fleet looks like to a list.

import { once } from "node:events";
import { createServer } from "node:http";

function device(at) {
  const id = at.toString(16).padStart(32, "0");
  return {
    object: "device",
    id,
    name: `puck-${String(at).padStart(6, "0")}`,
    state: at % 20 === 0 ? "deregistered" : "registered",
    device_class: "192aa4a42a0d5f57b4ff9c941ce77583",
    vendor_id: "77b14822a78e54c6bf1c31e553da7204",
    component_attributes: { MAIN: "1.2.0" },
    created_at: "2026-01-01T00:00:00.000000Z",
    updated_at: "2026-01-01T00:00:00.000000Z",
  };
}

/** Serves it; answers its address and how often the list was asked for. */
export async function serveFleet(t, devices) {
  const served = { asked: 0, url: "" };
  const server = createServer((request, answer) => {
    const url = new URL(request.url, "http://fleet");
    answer.setHeader("content-type", "application/json");
    const one = /^\/v3\/devices\/([0-9a-f]{32})$/.exec(url.pathname);
    if (one) {
      answer.end(JSON.stringify(device(Number.parseInt(one[1], 16))));
      return;
    }
    if (url.pathname !== "/v3/devices") {
      answer.end(JSON.stringify({ object: "list", data: [], has_more: false, limit: 50, order: "ASC", total_count: 0 }));
      return;
    }
    served.asked += 1;
    const after = url.searchParams.get("after");
    const first = after === null ? 0 : Number.parseInt(after, 16) + 1;
    const limit = Number(url.searchParams.get("limit") ?? 50);
    const data = Array.from({ length: Math.min(limit, devices - first) }, (_, at) => device(first + at));
    const total = url.searchParams.has("include") ? { total_count: devices } : {};
    answer.end(JSON.stringify({ object: "list", data, has_more: first + data.length < devices, limit, after, order: "ASC", ...total }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  served.url = `http://127.0.0.1:${server.address().port}`;
  return served;
}
