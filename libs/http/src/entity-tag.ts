import { createHash } from 'node:crypto';

/**
 * A strong entity tag. @param parts what the representation follows from: kind, id, the revision of the resource, and
 * whatever else shows in it
 */
export function entityTag(...parts: readonly (string | number | boolean | null | undefined)[]): string {
  return `"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}"`;
}

/** Whether a header `If-None-Match` or `If-Match` names the tag (weak comparison, `*` names any). */
export function tagMatches(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  const given = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return given.some((candidate) => candidate.replace(/^W\//, '') === tag.replace(/^W\//, ''));
}
