/** The made-up computer of the preview: one adapter that may not be opened. */
import type { DoctorReport, SystemChange } from "../src/ipc/bindings";
import type { Host } from "../src/ipc/host";

const PATH = "/etc/udev/rules.d/70-firmdrop-10c4-ea60.rules";
const RULE = 'SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", ATTRS{idProduct}=="ea60", MODE="0660", TAG+="uaccess"\n';

export function mockDoctor(): Pick<Host, "doctor" | "makeFix" | "undoFix"> {
  let changes: SystemChange[] = [];
  const isMade = () => changes.some((change) => change.state === "made");

  function report(): DoctorReport {
    return {
      checked: new Date().toISOString(),
      findings: [
        {
          id: "access-10c4-ea60",
          state: "problem",
          what: "anna may not open /dev/ttyUSB0 of CP2104 (10c4:ea60).",
          why: "It belongs to the group dialout with the permissions 0660, and anna is not in it.",
          advice: isMade() ? ["Unplug the device and plug it in again."] : [],
          fixes: isMade()
            ? []
            : [
                {
                  id: "rule-10c4-ea60",
                  title: "Allow just this kind of device, 10c4:ea60",
                  effect: "Whoever is signed in at this computer may use devices of these ids, and no others.",
                  files: [
                    {
                      path: PATH,
                      before: null,
                      after: RULE,
                      copy_of: null,
                      lines: [`+${RULE.trim()}`],
                      in_place: false,
                    },
                  ],
                  commands: [["udevadm", "control", "--reload"]],
                  then: "Unplug the device and plug it in again.",
                  as_root: "sudo firmdrop-cli doctor --user anna --fix rule-10c4-ea60",
                  digest: "d1",
                },
              ],
        },
        {
          id: "bluetooth",
          state: "notice",
          what: "Bluetooth is switched off.",
          why: "Readers on USB, serial lines and the network do not need it.",
          advice: ["Switch Bluetooth on in the system's settings."],
          fixes: [],
        },
        { id: "disk", state: "fine", what: "The disk has 41,000 MiB free.", why: "", advice: [], fixes: [] },
      ],
      changes,
      record: null,
    };
  }

  return {
    doctor: () => Promise.resolve(report()),
    makeFix(fix) {
      const change: SystemChange = {
        id: changes.length + 1,
        fix,
        title: "Allow just this kind of device, 10c4:ea60",
        at: new Date().toISOString(),
        state: "made",
        undone_at: null,
        files: [{ path: PATH, before: null, after: RULE, owned: null, in_place: false, made_folders: [] }],
        commands: [["udevadm", "control", "--reload"]],
      };
      changes = [change, ...changes];
      return Promise.resolve({ change, not_run: [] });
    },
    undoFix(id) {
      const found = changes.find((change) => change.id === id);
      if (!found) return Promise.reject(new Error("no such change"));
      const change: SystemChange = { ...found, state: "undone", undone_at: new Date().toISOString() };
      changes = changes.map((each) => (each.id === id ? change : each));
      return Promise.resolve({ change, not_run: [] });
    },
  };
}
