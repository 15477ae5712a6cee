import { channelFields, channels, fromColumnLists, type Channel, type SampleColumns } from './samples.ts';
import { utcDay } from './stream.ts';

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const MAX_AHEAD_MS = 24 * 3_600_000;

/** One frame as a device sent it: a field that is absent was not sent. `malformed`: why it could not even be read. */
export type Frame = { readonly [C in Channel]?: FrameChannel } & { readonly malformed?: string };

/** `t` in milliseconds since the Unix epoch; fields by their names in memory, NaN for null. */
export interface FrameChannel {
  readonly t: ArrayLike<number>;
  readonly fields: Readonly<Record<string, ArrayLike<number> | undefined>>;
}

/**
 * Why a frame is refused, or undefined when it is well-formed. Implausible values are none of its business.
 * `nowMs` is milliseconds since the Unix epoch.
 */
export function refusal(frame: Frame, nowMs: number): string | undefined {
  if (frame.malformed !== undefined) return frame.malformed;
  for (const channel of channels) {
    const sent = frame[channel];
    if (sent === undefined) continue;
    const reason = unequal(channel, sent) ?? badTimestamp(channel, sent.t, nowMs);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function unequal(channel: Channel, { t, fields }: FrameChannel): string | undefined {
  const names: Readonly<Record<string, string>> = channelFields[channel];
  for (const [field, name] of Object.entries(names)) {
    const values = fields[field];
    if (values === undefined || values.length === t.length) continue;
    return `${channel}.${name} has ${values.length} values, but ${channel}.timestamp has ${t.length}: both need the same number.`;
  }
  return undefined;
}

function badTimestamp(channel: Channel, t: ArrayLike<number>, nowMs: number): string | undefined {
  for (let i = 0; i < t.length; i++) {
    const timestampMs = t[i]!;
    const what = `${channel}.timestamp[${i}] is ${timestampMs}`;
    if (!Number.isInteger(timestampMs)) {
      return `${what}: timestamps are whole milliseconds since 1970-01-01T00:00:00Z.`;
    }
    if (timestampMs < EARLIEST_MS) {
      return `${what}, before 2000-01-01T00:00:00Z: timestamps are milliseconds since 1970-01-01T00:00:00Z.`;
    }
    if (timestampMs > nowMs + MAX_AHEAD_MS) return `${what}, more than 24 hours ahead of now.`;
  }
  return undefined;
}

/** The samples of well-formed frames by UTC day (`yyyymmdd`), as they came; a field not sent is missing throughout. */
export function splitByDay(frames: readonly Frame[]): Map<string, SampleColumns> {
  const days = new Map<string, Map<Channel, number[][]>>();
  const dayOf = rememberLastDay();
  for (const frame of frames) {
    for (const channel of channels) {
      const sent = frame[channel];
      if (sent === undefined) continue;
      const values = Object.keys(channelFields[channel]).map((field) => sent.fields[field]);
      for (let i = 0; i < sent.t.length; i++) {
        const lists = listsOf(days, dayOf(sent.t[i]!), channel);
        lists[0]!.push(sent.t[i]!);
        for (let f = 0; f < values.length; f++) lists[f + 1]!.push(values[f]?.[i] ?? NaN);
      }
    }
  }
  return new Map(
    [...days].map(([day, lists]) => [
      day,
      fromColumnLists((channel) => (lists.get(channel) ?? []).map((list) => Float64Array.from(list))),
    ]),
  );
}

function listsOf(days: Map<string, Map<Channel, number[][]>>, day: string, channel: Channel): number[][] {
  const lists = days.get(day) ?? new Map<Channel, number[][]>();
  days.set(day, lists);
  const columns = lists.get(channel) ?? ['t', ...Object.keys(channelFields[channel])].map(() => []);
  lists.set(channel, columns);
  return columns;
}

/** Neighbouring samples nearly always share their day. */
function rememberLastDay(): (timestampMs: number) => string {
  const MS_PER_DAY = 86_400_000;
  let number = NaN;
  let name = '';
  return (timestampMs) => {
    const day = Math.floor(timestampMs / MS_PER_DAY);
    if (day !== number) {
      number = day;
      name = utcDay(timestampMs);
    }
    return name;
  };
}
