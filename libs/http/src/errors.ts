/** Messages by field; a field of a nested object is named by its path (`athlete_profile.weight`). */
export type FieldMessages = Readonly<Record<string, readonly string[]>>;

/** The key for what belongs to no single field. */
export const nonFieldErrors = 'non_field_errors';

export interface HttpErrorOptions {
  headers?: Readonly<Record<string, string>>;
  /** Replaces `{"detail": …}` as the answer's body. */
  body?: Readonly<Record<string, unknown>>;
  /** Logged, never sent. */
  cause?: unknown;
}

/** The answer of a request that failed. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The fields of a failed validation. */
  readonly fields: FieldMessages | undefined;

  constructor(status: number, detail: string, options: HttpErrorOptions & { fields?: FieldMessages } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.headers = options.headers ?? {};
    this.fields = options.fields;
    this.body = options.body ?? options.fields ?? { detail };
  }
}

export function invalidFields(fields: FieldMessages): HttpError {
  return new HttpError(400, 'The request is invalid.', { fields });
}

export function credentialsMissing(): HttpError {
  return unauthorized('Authentication credentials were not provided.');
}

export function invalidToken(): HttpError {
  return unauthorized('Invalid token.');
}

function unauthorized(detail: string): HttpError {
  return new HttpError(401, detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
}

export function permissionDenied(): HttpError {
  return new HttpError(403, 'You do not have permission to perform this action.');
}

export function notFound(): HttpError {
  return new HttpError(404, 'Not found');
}

export function invalidPage(): HttpError {
  return new HttpError(404, 'Invalid page.');
}

export function methodNotAllowed(method: string, allowed: readonly string[]): HttpError {
  return new HttpError(405, `Method "${method}" not allowed.`, { headers: { Allow: allowed.join(', ') } });
}

export function unsupportedMediaType(mediaType: string, expected: readonly string[]): HttpError {
  return new HttpError(
    415,
    `Unsupported media type "${mediaType}" in request. This operation takes ${expected.join(' or ')}.`,
  );
}

/** @param limitBytes the limit that the body went over */
export function bodyTooLarge(limitBytes: number): HttpError {
  const limitMib = limitBytes / 1_048_576;
  return new HttpError(413, `The request body is larger than ${limitMib} MiB.`);
}

/** @param retryAfterS whole seconds */
export function unavailable(retryAfterS: number, cause?: unknown): HttpError {
  return new HttpError(503, 'The service is temporarily unavailable. Nothing was changed; try again.', {
    headers: { 'Retry-After': String(retryAfterS) },
    cause,
  });
}

export function internalError(cause?: unknown): HttpError {
  return new HttpError(500, 'Internal server error.', { cause });
}

/** Both sets, each message once. */
export function mergeFieldMessages(first: FieldMessages, second: FieldMessages): FieldMessages {
  const merged: Record<string, readonly string[]> = { ...first };
  for (const [field, messages] of Object.entries(second)) {
    merged[field] = [...new Set([...(merged[field] ?? []), ...messages])];
  }
  return merged;
}
