const dateTimePattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?$/i;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

export type TimeProblem = 'format' | 'offset_missing';

/** First and last instants of the years 1 and 9999, the range that a message can carry. */
const earliestMs = Date.parse('0001-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads an RFC 3339 date-time whose offset may lack its colon; digits below the millisecond are cut off.
 * @returns ms since the epoch, or what is wrong
 */
export function parseDateTime(text: string): number | TimeProblem {
  const match = dateTimePattern.exec(text);
  if (!match) return 'format';
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const days = daysSinceEpoch(Number(year), Number(month), Number(day));
  if (days === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'format';
  if (offset === undefined) return 'offset_missing';
  const offsetMinutes = parseOffset(offset);
  if (offsetMinutes === undefined) return 'format';
  const millisecond = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const seconds = (Number(hour) * 60 + Number(minute) - offsetMinutes) * 60 + Number(second);
  const atMs = days * 86_400_000 + seconds * 1000 + millisecond;
  return atMs < earliestMs || atMs > latestMs ? 'format' : atMs;
}

function parseOffset(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function daysSinceEpoch(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() / 86_400_000 : undefined;
}

/**
 * @param atMs ms since the epoch, in the years 0 to 9999
 * @returns UTC like `2020-02-20T12:18:29+0000`, with milliseconds only when they are not zero
 */
export function formatDateTime(atMs: number): string {
  const text = new Date(atMs).toISOString();
  return `${text.slice(0, text.endsWith('.000Z') ? -'.000Z'.length : -1)}+0000`;
}

/** Whether the text is a day of the calendar, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const match = datePattern.exec(text);
  if (!match) return false;
  const [, year, month, day] = match;
  return Number(year) > 0 && daysSinceEpoch(Number(year), Number(month), Number(day)) !== undefined;
}

export function dateTimeMessage(problem: TimeProblem): string {
  switch (problem) {
    case 'format':
      return 'Datetime has wrong format. Use RFC 3339, for example 2020-02-20T13:18:29+0100.';
    case 'offset_missing':
      return 'The time zone offset is missing. Write for example 2020-02-20T13:18:29+0100 or 2020-02-20T12:18:29Z.';
    default:
      return problem satisfies never;
  }
}

export const dateMessage = 'Date has wrong format. Use YYYY-MM-DD, for example 1986-08-21.';
