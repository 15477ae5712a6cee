export type ReplyBody =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown }
  /** JSON or another text, sent as it is. */
  | { kind: 'text'; text: string; mediaType: string }
  /** JSON text in pieces, sent as they come: what is too much to hold. When they break off, so does the answer. */
  | { kind: 'stream'; pieces: AsyncIterable<string> }
  /** A page of a list and the number of all its rows; `rendered` when it was sent before, to another with the same request. */
  | { kind: 'list'; count: number; rows: readonly unknown[]; rendered?: Buffer };

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

export function listReply(count: number, rows: readonly unknown[]): Reply {
  return { status: 200, body: { kind: 'list', count, rows } };
}

export function noContent(): Reply {
  return { status: 204, body: { kind: 'none' } };
}
