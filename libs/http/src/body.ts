import type { IncomingMessage } from 'node:http';
import { bodyTooLarge, HttpError, unsupportedMediaType } from './errors.ts';
import type { BodySpec } from './route.ts';

export const defaultMaxBodyBytes = 2 * 1_048_576;

/** What came, after the checks that do not look at fields. */
export type ReadBody =
  | { kind: 'json'; value: unknown }
  | { kind: 'form'; parameters: URLSearchParams }
  | { kind: 'raw'; mediaType: string; text: string };

/**
 * Reads a request's body. An empty one is no field at all, whatever its media type; an operation without a body takes
 * JSON and ignores what it says.
 * @throws HttpError 415, 413 or 400 for a body that is not what its media type says
 */
export async function readBody(request: IncomingMessage, spec: BodySpec | undefined): Promise<ReadBody> {
  const maxBytes = (spec?.kind === 'raw' ? spec.maxBytes : undefined) ?? defaultMaxBodyBytes;
  const mediaTypes = mediaTypesOf(spec);
  if (!hasBody(request)) return parse(mediaTypes[0] ?? '', '', spec);
  const given = contentType(request.headers['content-type'] ?? '');
  const declaredBytes = Number(request.headers['content-length'] ?? 0);
  const mediaType = mediaTypes.find((known) => known === given.mediaType);
  if (mediaType === undefined || !given.isUtf8) {
    // Whatever its media type, an empty body of unknown length says nothing.
    if (declaredBytes === 0 && (await collect(request, maxBytes)).length === 0) {
      return parse(mediaTypes[0] ?? '', '', spec);
    }
    throw unsupportedMediaType(request.headers['content-type'] ?? '', mediaTypes);
  }
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw new HttpError(
      415,
      `Unsupported content encoding "${coding}" in request. Send the body uncompressed.`,
    );
  }
  if (declaredBytes > maxBytes) throw bodyTooLarge(maxBytes);
  return parse(mediaType, decode(await collect(request, maxBytes)), spec);
}

function mediaTypesOf(spec: BodySpec | undefined): readonly string[] {
  switch (spec?.kind) {
    case undefined:
    case 'json':
      return ['application/json'];
    case 'form':
      return ['application/x-www-form-urlencoded'];
    case 'raw':
      return Object.keys(spec.content);
    default:
      return spec satisfies never;
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function contentType(header: string): { mediaType: string; isUtf8: boolean } {
  const [mediaType = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || ['utf-8', 'utf8', 'us-ascii'].includes(charset.replaceAll('"', ''));
  return { mediaType, isUtf8 };
}

/** The rest of a body that is too large is read and dropped, so that its sender sees the answer. */
function collect(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else reject(bodyTooLarge(maxBytes));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new HttpError(400, 'The request ended before its body did.')));
  });
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpError(400, 'JSON parse error - the body is not UTF-8.', { cause });
  }
}

function parse(mediaType: string, text: string, spec: BodySpec | undefined): ReadBody {
  switch (spec?.kind) {
    case undefined:
    case 'json':
      return { kind: 'json', value: text === '' ? {} : parseJson(text) };
    case 'form':
      return { kind: 'form', parameters: new URLSearchParams(text) };
    case 'raw':
      return { kind: 'raw', mediaType, text };
    default:
      return spec satisfies never;
  }
}

/** @throws HttpError 400 that says where the text stops being JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `JSON parse error - ${error instanceof Error ? error.message : String(error)}`);
  }
}
