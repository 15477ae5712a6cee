import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

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
  stream = destination({ dest: 1, sync: true }),
): Logger {
  return pino(
    {
      level,
      base: instance === undefined ? { name, pid: process.pid } : { name, pid: process.pid, instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
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

interface DescribedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: DescribedError;
}

/** Type, message, code, stack and causes; other members of errors may hold documents, headers or requests. */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
