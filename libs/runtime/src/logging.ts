import { destination, type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger };

export interface LoggerOptions {
  name: string;
  level: string;
  instance?: string;
}

/**
 * JSON lines on stdout, written before the call returns, so that a dying process leaves its last words. Lines about a
 * request come from `logger.child({ request_id })`.
 */
export function createLogger(
  { name, level, instance }: LoggerOptions,
  stream: DestinationStream = destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: instance === undefined ? { name, pid: process.pid } : { name, pid: process.pid, instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error) },
      redact: { paths: secretPaths, censor: '[secret]' },
    },
    stream,
  );
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
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`]);

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
