/** The look a person set, worn by the page. */
import { session } from "../../state/session.svelte";

/** Keeps theme and density of the page as they are set; follows the system where it is asked to. */
export function wearLook(): void {
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
