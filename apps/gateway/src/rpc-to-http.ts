import {
  HttpError,
  internalError,
  invalidFields,
  invalidToken,
  notFound,
  permissionDenied,
  unavailable,
} from '@touchline/http';
import { RpcError } from '@touchline/rpc';

const usualRetryAfterS = 1;

/** What a failed call answers; undefined for what is no failed call. */
export function toHttpError(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  if (!(error instanceof RpcError)) return undefined;
  const { status } = error;
  switch (status) {
    case 'invalid':
      return error.fields ? invalidFields(error.fields) : new HttpError(400, error.detail, { cause: error });
    case 'oauth':
      return oauthError(error);
    case 'unauthenticated':
      return invalidToken();
    case 'forbidden':
      return permissionDenied();
    case 'not_found':
      return notFound();
    case 'precondition':
      return new HttpError(412, 'The resource has changed since it was read.', { cause: error });
    // Commands answer a missing outcome themselves: here nothing was to be changed.
    case 'timeout':
    case 'cancelled':
    case 'conflict':
    case 'exhausted':
    case 'unavailable':
      return unavailable(Math.max(1, error.retryAfterS ?? usualRetryAfterS), error);
    case 'unimplemented':
    case 'internal':
      return internalError(error);
    default:
      return status satisfies never;
  }
}

/** What a command answers when its outcome is not known; other failures as they are. */
export function withoutOutcome(error: unknown): unknown {
  if (!(error instanceof RpcError) || !['timeout', 'cancelled'].includes(error.status)) return error;
  const detail = 'No answer came in time; whether anything was changed is not known.';
  return new HttpError(504, detail, { cause: error });
}

/** RFC 6749 section 5.2. */
function oauthError(error: RpcError): HttpError {
  const isClient = error.oauthError === 'invalid_client';
  return new HttpError(isClient ? 401 : 400, error.detail, {
    body: { error: error.oauthError ?? 'invalid_request', error_description: error.detail },
    headers: { ...noStore, ...(isClient ? { 'WWW-Authenticate': 'Basic realm="touchline"' } : {}) },
    cause: error,
  });
}

/** Answers that hold tokens, or say why there is none, are kept nowhere. */
export const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;
