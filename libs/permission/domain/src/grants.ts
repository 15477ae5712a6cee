export const kinds = ['READ', 'WRITE', 'SHARE'] as const;
export type Kind = (typeof kinds)[number];

export interface Grant {
  id: number;
  athlete: number;
  manager: number;
  kind: Kind;
  /** Holds in [startMs, endMs), milliseconds since 1970. */
  startMs: number;
  endMs: number;
  revoked: boolean;
}

/** 1970-01-01T00:00:00Z */
export const earliestMs = 0;
/** 2199-12-31T00:00:00Z, when a grant ends that names no end. */
export const latestMs = Date.UTC(2199, 11, 31);

/** The three grants that follow from the creation of a managed athlete. */
export function grantsOfManagedAthlete(athlete: number, manager: number): Grant[] {
  return kinds.map((kind, index) => ({
    id: 4 * athlete + 1 + index,
    athlete,
    manager,
    kind,
    startMs: earliestMs,
    endMs: latestMs,
    revoked: false,
  }));
}

export function isActive(grant: Grant, nowMs: number): boolean {
  return !grant.revoked && grant.startMs <= nowMs && nowMs < grant.endMs;
}
