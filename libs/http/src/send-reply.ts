import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { tagMatches } from './entity-tag.ts';
import type { HttpError } from './errors.ts';
import { listEnvelope, type ListQuery } from './list.ts';
import { jsonMediaType, type Reply } from './reply.ts';

export function sendError(context: Context, { status, headers, body }: HttpError): void {
  context.set({ ...headers });
  send(context, status, JSON.stringify(body), jsonMediaType);
}

/** @throws HttpError 404 for a page of a list past its end */
export function sendReply(context: Context, reply: Reply, list: ListQuery): void {
  if (reply.headers) context.set({ ...reply.headers });
  if (reply.etag !== undefined) {
    context.set('ETag', reply.etag);
    const ifNoneMatch = context.get('if-none-match');
    const isRead = context.method === 'GET' || context.method === 'HEAD';
    if (isRead && reply.status === 200 && ifNoneMatch !== '' && tagMatches(ifNoneMatch, reply.etag)) {
      context.status = 304;
      return;
    }
  }
  const { body } = reply;
  switch (body.kind) {
    case 'none':
      // Else the status' name would be sent as text.
      context.body = null;
      context.status = reply.status;
      return;
    case 'json':
      return send(context, reply.status, JSON.stringify(body.value), jsonMediaType);
    case 'text':
      return send(context, reply.status, body.text, body.mediaType);
    case 'stream':
      return send(context, reply.status, Readable.from(body.pieces), jsonMediaType);
    case 'list': {
      body.sent ??= Buffer.from(listText(list, body));
      return send(context, reply.status, body.sent, jsonMediaType);
    }
    default:
      body satisfies never;
  }
}

function listText(list: ListQuery, { count, rows }: { count: number; rows: readonly string[] }): string {
  const results = `[${rows.join(',')}]`;
  if (list.bare) return results;
  const { results: _rows, ...envelope } = listEnvelope(list, count, rows);
  return `${JSON.stringify(envelope).slice(0, -1)},"results":${results}}`;
}

function send(context: Context, status: number, text: string | Buffer | Readable, mediaType: string): void {
  context.status = status;
  context.set('Content-Type', mediaType);
  context.body = text;
}
