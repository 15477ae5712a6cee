import type { EncodableDocument } from './bson/writer.ts';

/** The error codes of MongoDB that this engine answers with; drivers retry on others, so there are no others. */
export const ErrorCodes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  CursorInUse: 12051,
  Unauthorized: 13,
  TypeMismatch: 14,
  InvalidLength: 16,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  Location54: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  QueryPlanKilled: 175,
  NotImplemented: 238,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  Location15969: 15969,
  Location15973: 15973,
  Location15974: 15974,
  Location15975: 15975,
  Location15976: 15976,
  Location15981: 15981,
  Location15998: 15998,
  Location16020: 16020,
  Location16872: 16872,
  Location16410: 16410,
  Location17276: 17276,
  Location17312: 17312,
  Location28667: 28667,
  Location31249: 31249,
  Location31250: 31250,
  Location31253: 31253,
  Location31254: 31254,
  Location31325: 31325,
  Location31394: 31394,
  Location15947: 15947,
  Location15952: 15952,
  Location15955: 15955,
  Location15957: 15957,
  Location15958: 15958,
  Location15959: 15959,
  Location40156: 40156,
  Location40157: 40157,
  Location40158: 40158,
  Location40160: 40160,
  Location40234: 40234,
  Location40235: 40235,
  Location40236: 40236,
  Location40237: 40237,
  Location40238: 40238,
  Location40272: 40272,
  Location40323: 40323,
  Location40324: 40324,
  Location40352: 40352,
  Location40353: 40353,
  Location40414: 40414,
  Location40415: 40415,
  Location51024: 51024,
  Location51075: 51075,
  Location51091: 51091,
  Location51270: 51270,
  Location51272: 51272,
  Location5107200: 5107200,
} as const;

export type ErrorCodeName = keyof typeof ErrorCodes;

/** An error that is answered to the client as a command error or, in a batch of writes, as a write error. */
export class DatabaseError extends Error {
  override name = 'DatabaseError';
  readonly codeName: ErrorCodeName;
  /** Further members of the answer, such as `keyPattern` and `keyValue`. */
  readonly details: EncodableDocument;

  constructor(codeName: ErrorCodeName, message: string, details: EncodableDocument = {}) {
    super(message);
    this.codeName = codeName;
    this.details = details;
  }

  get code(): number {
    return ErrorCodes[this.codeName];
  }
}

/** The engine cannot open or use its file: the message names the file and says what would help. */
export class DatabaseFileError extends Error {
  override name = 'DatabaseFileError';
}
