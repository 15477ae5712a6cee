export type ReplyBody =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown }
  /** JSON or another text, sent as it is. */
  | { kind: 'text'; text: string; mediaType: string }
  /** JSON text in pieces, sent as they come: what is too much to hold. When they break off, so does the answer. */
  | { kind: 'stream'; pieces: AsyncIterable<string> }
  /** A page of a list, each row as JSON text, and the number of all its rows; `sent` when another asked for the same. */
  | { kind: 'list'; count: number; rows: readonly string[]; sent?: Buffer };

export interface Reply {
  status: number;
  body: ReplyBody;
  /** The entity tag of a single resource. */
  etag?: string;
  headers?: Readonly<Record<string, string>>;
}

export const jsonMediaType = 'application/json; charset=utf-8';

export function json(status: number, value: unknown, etag?: string): Reply {
  return { status, body: { kind: 'json', value }, ...(etag === undefined ? {} : { etag }) };
}

/** JSON text that another made. */
export function jsonText(status: number, text: string, etag?: string): Reply {
  const body = { kind: 'text', text, mediaType: jsonMediaType } as const;
  return { status, body, ...(etag === undefined ? {} : { etag }) };
}

/** JSON text that is made while it is sent. */
export function jsonStream(status: number, pieces: AsyncIterable<string>): Reply {
  return { status, body: { kind: 'stream', pieces } };
}

/** @param rows each as JSON text */
export function listReply(count: number, rows: readonly string[]): Reply {
  return { status: 200, body: { kind: 'list', count, rows } };
}

export function noContent(): Reply {
  return { status: 204, body: { kind: 'none' } };
}
