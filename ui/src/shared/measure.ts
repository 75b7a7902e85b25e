/** How wide texts are drawn, and how many lines they take: for rows whose heights are known before they are drawn. */

const SIZE_PX = 13;
/** Of a character, where the web view cannot measure. */
const USUAL_PX = 7.8;
/** Characters that are as wide as they are high. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f000}-\u{3fffd}]/u;

let context: CanvasRenderingContext2D | null | undefined;

/** Pixels of a text of usual size in one line. */
export function widthOf(text: string, strong = false): number {
  context ??= document.createElement("canvas").getContext("2d");
  if (!context) return Array.from(text).reduce((sum, each) => sum + (WIDE.test(each) ? 2 : 1) * USUAL_PX, 0);
  context.font = `${strong ? 600 : 400} ${SIZE_PX}px ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}

/** Lines of a text that breaks between words, after hyphens, and inside of a word that is longer than a line. */
export function linesOf(text: string, width: number, measure: (text: string) => number = widthOf): number {
  let lines = 1;
  let used = 0;
  for (const word of text.split(/(?<=[\s-])/)) {
    const length = measure(word);
    if (used > 0 && used + measure(word.trimEnd()) > width) {
      lines += 1;
      used = 0;
    }
    const more = Math.max(0, Math.ceil(length / width) - 1);
    lines += more;
    used = more > 0 ? length - more * width : used + length;
  }
  return lines;
}
