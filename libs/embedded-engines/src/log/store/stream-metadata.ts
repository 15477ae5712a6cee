/** The part of a stream's metadata that the log obeys. */
export interface StreamMetadata {
  readonly maxCount?: number;
  readonly maxAgeMs?: number;
  readonly truncateBefore?: number;
}

export const NO_METADATA: StreamMetadata = {};
/** A metadata stream shows its last event only. */
export const METADATA_OF_METADATA: StreamMetadata = { maxCount: 1 };

/** The `$tb` of a softly deleted stream, 2^63 - 1, as JSON's reader rounds it. */
const DELETED_BEFORE = 2 ** 63;
/** The same as it stands in the log. */
export const SOFT_DELETE_METADATA = '{"$tb":9223372036854775807}';

export const isSoftDeleted = (metadata: StreamMetadata): boolean =>
  (metadata.truncateBefore ?? 0) >= DELETED_BEFORE;

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What is no number above its least value limits nothing; what is no JSON object at all is no metadata. */
export function parseStreamMetadata(json: string): StreamMetadata {
  const raw = parseObject(json);
  const atLeast = (least: number, value: unknown): number | undefined =>
    typeof value === 'number' && Number.isFinite(value) && value >= least ? Math.floor(value) : undefined;
  const maxCount = atLeast(1, raw['$maxCount']);
  const maxAgeSeconds = atLeast(1, raw['$maxAge']);
  const truncateBefore = atLeast(0, raw['$tb']);
  return {
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAgeSeconds !== undefined && { maxAgeMs: maxAgeSeconds * 1000 }),
    ...(truncateBefore !== undefined && { truncateBefore }),
  };
}

/** The metadata after a softly deleted stream has come to life again: what is older than `firstRevision` stays hidden. */
export function undeletedMetadata(json: string, firstRevision: number): string {
  return JSON.stringify({ ...parseObject(json), $tb: firstRevision });
}

/** What of a stream may be read. */
export interface VisibleRange {
  readonly firstRevision: number;
  /** Events created before are hidden. Milliseconds since the epoch. */
  readonly createdSinceMs: number;
}

export function visibleRange(metadata: StreamMetadata, lastRevision: number, nowMs: number): VisibleRange {
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1;
  return {
    firstRevision: Math.max(0, metadata.truncateBefore ?? 0, byCount),
    createdSinceMs: metadata.maxAgeMs === undefined ? 0 : nowMs - metadata.maxAgeMs,
  };
}
