// With LANG unset or C, WebKitGTK calls its language "C", and Intl throws at that name. A file of its own, before the
// page's script, because the content security policy refuses inline scripts.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US" });
  Object.defineProperty(navigator, "languages", { value: ["en-US"] });
}
