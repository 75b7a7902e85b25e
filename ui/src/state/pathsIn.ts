/** Paths and addresses in a text that was pasted, typed or dropped. Nothing is opened here. */

/** Paths and addresses in a pasted or dropped text: one a line; `file:` addresses become paths. */
export function pathsIn(text: string): string[] {
  const lines = text.split(/\r?\n|\r/).map((line) => trimmed(line).replace(/^["'](.*)["']$/, "$1"));
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(fromFileAddress);
}

/** Without what chats and web pages put around a path: spaces of every kind, and characters that nobody sees. */
function trimmed(line: string): string {
  return line.replace(
    /^[\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+|[\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+$/g,
    "",
  );
}

/** The path of a `file:` address. One of another computer stays what it is: here, its path would be another file. */
function fromFileAddress(line: string): string {
  if (!/^file:\/\//i.test(line)) return line;
  try {
    const { hostname, pathname } = new URL(line);
    if (hostname !== "" && hostname !== "localhost") return line;
    const path = decodeURIComponent(pathname);
    return /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
  } catch {
    return line;
  }
}
