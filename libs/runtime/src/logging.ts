import { destination, type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

export interface LoggerOptions {
  name: string;
  level: string;
  instance?: string;
}

/**
 * JSON lines on stdout, written by the end of the turn of the event loop, and when the process exits: one that dies by an
 * error leaves its last words. Lines about a request come from `logger.child({ request_id })`.
 */
export function createLogger(
  { name, level, instance }: LoggerOptions,
  stream: DestinationStream = standardOutput(),
): Logger {
  return pino(
    {
      level,
      base: instance === undefined ? { name, pid: process.pid } : { name, pid: process.pid, instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withoutNestedSecrets },
      serializers: { ...maskingSerializers, err: (error: unknown) => describeError(error) },
    },
    stream,
  );
}

const mostKeptBytes = 256 * 1024;
const mostGathered = 32 * 1024;

/** Where lines cannot be written, as on a full disk, the last ones are kept until they can, and the work goes on. */
function standardOutput(): DestinationStream {
  const stream = destination({ dest: 1, sync: true, maxLength: mostKeptBytes });
  stream.on('error', () => undefined);
  const gathering = gatherLines((lines) => stream.write(lines));
  process.on('exit', gathering.flushSync);
  return gathering;
}

/** What is written in one turn of the event loop goes out at once: under load each line would be a system call. */
export function gatherLines(write: (lines: string) => void): DestinationStream & { flushSync(): void } {
  let gathered = '';
  const flushSync = () => {
    if (gathered === '') return;
    const lines = gathered;
    gathered = '';
    write(lines);
  };
  return {
    write(line) {
      if (gathered === '') setImmediate(flushSync);
      gathered += line;
      if (gathered.length > mostGathered) flushSync();
    },
    /** pino calls it after a line of level fatal. */
    flushSync,
  };
}

const secretNames = [
  'password',
  'token',
  'secret',
  'client_secret',
  'authorization',
  'access_token',
  'refresh_token',
];

const masked = () => '[secret]';

/** By name, for lines and for what their children hold: pino's own `redact` costs more than the rest of a line. */
const maskingSerializers = Object.fromEntries(secretNames.map((name) => [name, masked]));

/** Masks what members of the fields hold under such names. */
function withoutNestedSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  let without = fields;
  for (const [name, member] of Object.entries(fields)) {
    // Of an error, `describeError` keeps nothing of that kind.
    if (typeof member !== 'object' || member === null || member instanceof Error) continue;
    const found = secretNames.filter((secret) => secret in member);
    if (found.length === 0) continue;
    const masks = Object.fromEntries(found.map((secret) => [secret, masked()]));
    without = { ...without, [name]: { ...member, ...masks } };
  }
  return without;
}

/** Causes may go round in a circle. */
const maxCauses = 8;

interface DescribedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: DescribedError;
}

/** Type, message, code, stack and causes; other members of errors may hold documents, headers or requests. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= maxCauses
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
