/** Names that others chose, of files, readers and accounts, as they can be shown beside words of our own. */

/** Controls: those that turn the direction of what follows make a name read as another one, a line break leaves its row. */
const CONTROLS = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
/** Letters that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";
/** Characters of the end that stay when a name is longer than its place: a version and an ending. */
const TAIL = 14;
/** A shorter name is whole in almost every place. */
const WHOLE = 20;
/** A name from right to left is shortened to this many characters at each end. */
const ENDS = 10;

const characters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The name with every control made visible. */
export function plain(name: string): string {
  return name.replace(CONTROLS, "\ufffd");
}

/** The same inside of a sentence: letters from right to left do not move the words around them. */
export function isolated(name: string): string {
  const text = plain(name);
  return RIGHT_TO_LEFT.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;
}

/**
 * A name in the part that may give way and the part that stays. No character is torn. Letters from right to left stay together,
 * because two parts side by side would be read in the wrong order: such a name is shortened itself.
 */
export function middleOf(name: string): { front: string; back: string } {
  const text = plain(name);
  const all = Array.from(characters.segment(text), ({ segment }) => segment);
  if (RIGHT_TO_LEFT.test(text)) {
    const short = all.length > ENDS * 2 + 1 ? [...all.slice(0, ENDS), "…", ...all.slice(-ENDS)] : all;
    return { front: "", back: short.join("") };
  }
  if (all.length <= WHOLE) return { front: text, back: "" };
  const tail = Math.min(TAIL, Math.floor(all.length / 2));
  return { front: all.slice(0, -tail).join(""), back: all.slice(-tail).join("") };
}
