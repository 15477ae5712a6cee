import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressRules } from '../target/address-rules.ts';
import { AddressRefused, type Lookup, NameUnresolved, resolveAllowed } from '../target/resolve.ts';
import { urlProblem } from '../target/webhook-url.ts';

export interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SendOptions {
  readonly addressRules: AddressRules;
  readonly lookup?: Lookup | undefined;
  /** From the look-up of the name to the answer's headers. */
  readonly timeoutMs?: number | undefined;
  /** Certificates of authorities beside the well-known ones. */
  readonly ca?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What came back. `error` is absent exactly when it is a success. */
export interface Answer {
  readonly status?: number;
  readonly error?: string;
  /** The header, as it came. */
  readonly retryAfter?: string;
}

export const TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 65_536;
/** The status has decided; the rest of the body is only read so that the receiver can end in peace. */
const READ_BODY_WITHIN_MS = 2_000;

/** POSTs once, to an address checked now and held for the connection. Never rejects; an aborted call is an error, too. */
export async function send(call: Call, options: SendOptions): Promise<Answer> {
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const problem = urlProblem(call.url);
  if (problem !== undefined) return { error: problem };
  const ended = new AbortController();
  const timeout = setTimeout(() => ended.abort(new TimedOut(timeoutMs)), timeoutMs);
  const stop = () => ended.abort(new Error('the sender was stopped'));
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await race(ended.signal, async () => {
      const url = new URL(call.url);
      const addresses = await resolveAllowed(url.hostname, options.addressRules, options.lookup);
      return answerOf(await post(url, call, addresses, options.ca, ended.signal));
    });
  } catch (error) {
    return { error: describe(error) };
  } finally {
    clearTimeout(timeout);
    signal?.removeEventListener('abort', stop);
  }
}

class TimedOut extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
    this.name = 'TimedOut';
  }
}

function race<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work().then(resolve, reject);
  });
}

function post(
  url: URL,
  { headers, body }: Call,
  addresses: readonly LookupAddress[],
  ca: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions & { ca?: string; rejectUnauthorized: true } = {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Touchline-Webhooks/1',
        Accept: '*/*',
        ...headers,
        Connection: 'close',
      },
      // A connection of its own: what was checked is what is connected to.
      agent: false,
      lookup: pinned(addresses),
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca }),
    };
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    const stop = () => request.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    request.once('response', (response) => {
      signal.removeEventListener('abort', stop);
      readAway(response);
      resolve(response);
    });
    // Errors after the answer are nobody's business.
    request.on('error', reject);
    request.on('close', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('the connection was closed without an answer'));
    });
    // As bytes: with a string Node writes the headers in the encoding of the body.
    request.end(Buffer.from(body, 'utf8'));
  });
}

/** Answers with the checked addresses whatever is asked: no second look-up, so no rebinding. */
function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  };
}

function readAway(response: IncomingMessage): void {
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), READ_BODY_WITHIN_MS);
  timer.unref();
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) response.destroy();
  });
  response.on('error', () => undefined);
  response.on('close', () => clearTimeout(timer));
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  const retryAfter = headers['retry-after'];
  const told = { status: statusCode, ...(retryAfter !== undefined && { retryAfter }) };
  if (statusCode >= 200 && statusCode < 300) return told;
  if (statusCode >= 300 && statusCode < 400) {
    return { ...told, error: `answered ${statusCode}: redirects are not followed` };
  }
  if (statusCode === 410) {
    return { ...told, error: 'answered 410: the webhook is disabled until it is updated' };
  }
  return { ...told, error: `answered ${statusCode}` };
}

const SAID: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  EPROTO: 'TLS failed',
};

/** Words of our own: an error's message may hold what no log should. */
function describe(error: unknown): string {
  if (error instanceof AddressRefused || error instanceof NameUnresolved || error instanceof TimedOut) {
    return error.message;
  }
  // Several addresses were tried.
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return 'the connection was closed without an answer';
  if (SAID[code] !== undefined) return SAID[code];
  if (code.startsWith('HPE_')) return `the answer is not HTTP (${code})`;
  return /CERT|SSL|TLS|SIGNATURE|ISSUER|SELF_SIGNED/.test(code)
    ? `TLS failed (${code})`
    : `the request failed (${code})`;
}
