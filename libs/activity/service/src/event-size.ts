import type { JsonObject } from '@touchline/activity-domain';
import { MAX_APPEND_BYTES } from '@touchline/event-log';

/** What an event holds beside its JSON field: ids, times, a name of at most 255 characters, metadata. */
const ENVELOPE_BYTES = 4_096;

/** Whether a JSON field would make its event larger than one append may be. */
export const eventTooLarge = (json: JsonObject): boolean =>
  Buffer.byteLength(JSON.stringify(json)) > MAX_APPEND_BYTES - ENVELOPE_BYTES;
