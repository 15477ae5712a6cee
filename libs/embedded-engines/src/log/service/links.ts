import type { LogReader } from '../store/log-reader.ts';
import { LINK_TYPE, type StoredEvent } from '../store/records.ts';
import type { ResolvedEvent } from '../wire/read-event.ts';

/** A link's data: the revision and the stream it points to. */
const LINK = /^(\d{1,15})@(.+)$/su;

/** Follows a link when that is asked for. A link to what cannot be read is handed out alone. */
export function resolveLink(event: StoredEvent, resolveLinks: boolean, reader: LogReader): ResolvedEvent {
  if (!resolveLinks || event.type !== LINK_TYPE) return { event, link: undefined };
  const [, revision, stream] = LINK.exec(Buffer.from(event.data).toString('utf8')) ?? [];
  if (revision === undefined || stream === undefined) return { event: undefined, link: event };
  return { event: reader.linked(stream, Number(revision)), link: event };
}
