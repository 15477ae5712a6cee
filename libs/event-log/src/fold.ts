/** Folded text: NFKC, then lower case. Names are unique, and lists are filtered, searched and sorted, by it. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
