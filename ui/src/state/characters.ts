/** How many characters a service counts in a text: code points, not UTF-16 units. */
export function characters(text: string | null | undefined): number {
  return Array.from(text ?? "").length;
}
