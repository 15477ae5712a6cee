import { hash } from 'node:crypto';

/**
 * A strong entity tag. Its revision can be read, so that `If-Match` becomes a condition that the owning service checks
 * together with the change.
 *
 * @param revision of the resource; left out for what never changes
 * @param parts whatever else the representation follows from
 */
export function entityTag(
  kind: string,
  id: string | number,
  revision?: number,
  ...parts: readonly (string | number | boolean | null | undefined)[]
): string {
  const text = JSON.stringify([kind, id, revision, ...parts]);
  const digest = hash('sha256', text, 'base64url').slice(0, 22);
  return revision === undefined ? `"${digest}"` : `"${revision}-${digest}"`;
}

/** Whether a header `If-None-Match` names the tag (weak comparison, `*` names any). */
export function tagMatches(header: string, tag: string): boolean {
  if (header.trim() === '*') return true;
  const given = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return given.some((candidate) => candidate.replace(/^W\//, '') === tag.replace(/^W\//, ''));
}

/** A revision that no resource has. */
const noRevision = 4_294_967_295;

/**
 * The revision that a header `If-Match` wants: undefined without one and for `*`. Of several tags the newest counts; a
 * tag that is none of ours, or a weak one, wants a revision that there is not.
 */
export function ifMatchRevision(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '' || header.trim() === '*') return undefined;
  const revisions = [...header.matchAll(/(W\/)?"(\d{1,9})-[\w-]{22}"/g)].flatMap(([, weak, revision]) =>
    weak === undefined ? [Number(revision)] : [],
  );
  return revisions.length === 0 ? noRevision : Math.max(...revisions);
}
