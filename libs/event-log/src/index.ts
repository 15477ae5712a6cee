export { BackOff, pause } from './back-off.ts';
export {
  decodeMessage,
  encodeBinaryMessage,
  encodeBinaryPayload,
  encodeMessage,
  encodePayload,
  type EncodedPayload,
} from './codec.ts';
export { DecryptionFailed, generateKey, KEY_BYTES, open, seal } from './encryption.ts';
export {
  AppendTooLarge,
  AppendUnconfirmed,
  EventLogError,
  EventLogUnavailable,
  WrongExpectedRevision,
  type EventLogErrorCode,
} from './errors.ts';
export { eventId, nameBasedUuid } from './event-id.ts';
export { EventLog, type EventLogOptions, type ReadAllOptions } from './event-log.ts';
export {
  metadataOf,
  type Appended,
  type CommandContext,
  type EncodedEvent,
  type EventData,
  type EventMetadata,
  type ExpectedRevision,
  type JsonObject,
  type JsonValue,
  type Position,
  type ReadOptions,
  type StoredEvent,
  type StreamLog,
  type WrittenPosition,
} from './event.ts';
export { fold } from './fold.ts';
export { FoldedStreams } from './folded-streams.ts';
export { IdSequence, type IdSequenceOptions } from './id-sequence.ts';
export { cachedKeySource, KeysUnknown, requireKeys, type KeyLookup, type KeySource } from './key-source.ts';
export { knownByBytes, type KnownByBytesOptions } from './known-by-bytes.ts';
export { LastUsed, type LastUsedOptions } from './last-used.ts';
export { NameReservations, type ReleaseOptions, type ReserveOptions } from './name-reservations.ts';
export {
  encodeEvents,
  loadStream,
  runCommand,
  type CommandDone,
  type CommandResult,
  type Decider,
  type EventCodec,
  type LoadedStream,
  type RunCommandOptions,
} from './run-command.ts';
export { type SubscribeOptions, type SubscriptionItem } from './subscription.ts';
export {
  RESERVATION_GRACE_MS,
  takeOver,
  type ReservationStanding,
  type ReservationTarget,
  type TakeOverOptions,
} from './take-over.ts';
export { together, togetherBy } from './together.ts';
export { MAX_APPEND_BYTES } from './validate-append.ts';
export { writtenBy } from './written.ts';
