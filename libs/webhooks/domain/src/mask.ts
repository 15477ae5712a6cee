const SHOWN = 2;
/** Shorter tokens show nothing. */
const SHORTEST_SHOWN = 6;

/** A secret token as reads show it: its first two characters and a `*` for each other one. */
export function maskToken(token: string): string {
  const characters = [...token];
  const shown = characters.length < SHORTEST_SHOWN ? 0 : SHOWN;
  return characters.slice(0, shown).join('') + '*'.repeat(characters.length - shown);
}
