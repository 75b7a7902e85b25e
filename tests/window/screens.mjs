// Makes docs/screens/*.png anew: each screen of the real window in both themes.
// FIRMDROP_BIN=… FIRMDROP_CLI=… xvfb-run -s "-screen 0 1280x800x24" dbus-run-session -- node --test tests/window/screens.mjs

import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Firmdrop } from "./lib/firmdrop.mjs";
import { PLACES, wear } from "./lib/places.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/screens/", import.meta.url));

for (const theme of ["dark", "light"]) {
  test(`pictures in the ${theme} theme`, async (t) => {
    mkdirSync(FOLDER, { recursive: true });
    const window = await Firmdrop.open(t);
    await window.session.resize(1280, 800);
    await wear(window, theme);
    for (const [place, go] of Object.entries(PLACES)) {
      await go(window);
      // Two frames: what was just changed is drawn, and no transition is half-way.
      await window.session.run("document.activeElement?.blur()");
      await window.session.wait("setTimeout(arguments[arguments.length - 1], 300)");
      writeFileSync(`${FOLDER}${place}-${theme}.png`, await window.session.picture());
    }
  });
}
