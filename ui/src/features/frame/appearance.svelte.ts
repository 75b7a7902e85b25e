/** Theme, density and zoom of the page, as the user set them. */
import { session } from "../../state/session.svelte";

/** Applies theme and density whenever they change; follows the system where that is chosen. */
export function applyAppearance(): void {
  const system = window.matchMedia("(prefers-color-scheme: light)");
  let systemIsLight = $state(system.matches);
  system.addEventListener("change", (event) => (systemIsLight = event.matches));

  $effect(() => {
    const { theme, density, zoom_percent } = session.settings;
    const page = document.documentElement;
    page.dataset["theme"] = theme === "system" ? (systemIsLight ? "light" : "dark") : theme;
    page.dataset["density"] = density;
    page.style.setProperty("--zoom", String((zoom_percent ?? 100) / 100));
  });
}
