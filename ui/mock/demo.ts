/** The demo world of the preview, before it is opened. */
import type { DemoState } from "../src/ipc/bindings";

export const DEMO: DemoState = {
  services: [{ scheme: "pelion", title: "Pelion service", host: "http://127.0.0.1:41234", account: "demo" }],
  elsewhere: false,
  faults: [
    { key: "pull_the_plug", title: "Pull the plug", on: false },
    { key: "slow_network", title: "Slow network", on: false },
    { key: "lose_answers", title: "Lose answers", on: false },
  ],
  sample_path: "/srv/demo/demo-reader-2.4.1.signed.bin",
};
