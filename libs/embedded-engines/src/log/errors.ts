/** Why an embedded engine cannot start or go on. */
export type EngineErrorCode =
  'data-directory-unusable' | 'database-corrupt' | 'database-in-use' | 'database-newer' | 'address-unusable';

/** Told to the operator: the message names the file or address, what is wrong with it and what to do. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.code = code;
  }
}

/** Why a call to the log is refused; `wire/status.ts` maps each to what EventStoreDB's clients expect. */
export type LogRefusal =
  | { readonly code: 'invalid-argument'; readonly message: string }
  /** EventStoreDB answers some wrong arguments with UNKNOWN, and clients were seen to rely on it. */
  | { readonly code: 'not-understood'; readonly message: string }
  | { readonly code: 'missing-property'; readonly property: string }
  | { readonly code: 'stream-deleted'; readonly stream: string }
  | { readonly code: 'append-too-large'; readonly limitBytes: number }
  | { readonly code: 'deadline-passed' }
  | { readonly code: 'storage-failed'; readonly message: string };

/** A refused call. Nothing of it was written. */
export class LogCallError extends Error {
  readonly refusal: LogRefusal;

  constructor(refusal: LogRefusal, cause?: unknown) {
    super('message' in refusal ? refusal.message : refusal.code, { cause });
    this.name = 'LogCallError';
    this.refusal = refusal;
  }
}

export const invalidArgument = (message: string): LogCallError =>
  new LogCallError({ code: 'invalid-argument', message });
