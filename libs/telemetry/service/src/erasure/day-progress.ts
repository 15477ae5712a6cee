import type { StoredEvent, StreamLog } from '@touchline/event-log';
import { dayErasedType, framesIngestedType, readFrames, touches } from '@touchline/samples';
import { dayKeyGeneration, type Interval } from '@touchline/telemetry-domain';

/** What is to be erased of a device's day. */
export interface DayErasure {
  readonly deviceId: number;
  /** `telemetry-<device>-<yyyymmdd>` */
  readonly stream: string;
  /** What goes; the rest stays. */
  readonly intervals: readonly Interval[];
  /** The event that it follows from. Whatever the erasure appends names it, so that a repeated one sees how far it is. */
  readonly cause: { readonly id: string; readonly correlationId: string };
}

/** How far the erasure of a day is, as its stream tells. */
export class DayProgress {
  readonly erasure: DayErasure;
  /** Of the last event seen. */
  revision = -1;
  /** It has come to its end. */
  over = false;
  /** There is something of the intervals, as far as the ranges in clear tell. */
  concerned = false;
  /** Of the samples that came last. */
  lastKeyId: string | undefined;
  /** The key under which this erasure appends again, once it has. */
  newKeyId: string | undefined;
  readonly #keyIds = new Set<string>();
  readonly #appended = new Set<string>();

  constructor(erasure: DayErasure) {
    this.erasure = erasure;
  }

  /** Whether this erasure has appended an event of this id. */
  hasAppended(id: string): boolean {
    return this.#appended.has(id);
  }

  /** The keys before this one that samples of the day were sealed with, in their order. */
  keysBefore(keyId: string): string[] {
    return [...this.#keyIds].filter((id) => isBefore(id, keyId));
  }

  /** Reads what came since the last time. @throws EventLogError */
  async catchUp(log: Pick<StreamLog, 'read'>, signal: AbortSignal): Promise<void> {
    for await (const stored of log.read(this.erasure.stream, { from: this.revision + 1 })) {
      signal.throwIfAborted();
      this.#take(stored);
    }
  }

  #take(stored: StoredEvent): void {
    const { cause, intervals } = this.erasure;
    const own = stored.metadata.causation_id === cause.id;
    if (stored.type === dayErasedType && own) this.over = true;
    if (stored.type === framesIngestedType) {
      const frames = readFrames(stored);
      this.#keyIds.add(frames.keyId);
      this.lastKeyId = frames.keyId;
      this.concerned ||= intervals.some(({ startMs, endMs }) => touches(frames, startMs, endMs));
      if (own) {
        this.newKeyId = frames.keyId;
        this.#appended.add(stored.id);
      }
    }
    this.revision = stored.revision;
  }
}

/** Whether the one key of a day came before the other. */
export function isBefore(keyId: string, other: string): boolean {
  const [one, two] = [keyId, other].map(dayKeyGeneration);
  if (one === undefined || two === undefined) throw new Error(`${keyId} or ${other} is no key of a day`);
  return one < two;
}
