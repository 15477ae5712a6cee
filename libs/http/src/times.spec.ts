import { describe, expect, it } from 'vitest';
import { formatDateTime, isDate, parseDateTime } from './times.ts';

describe('reading a date-time', () => {
  const instant = Date.UTC(2020, 1, 20, 12, 18, 29);

  it.each([
    ['Z', '2020-02-20T12:18:29Z', instant],
    ['a small z and t', '2020-02-20t12:18:29z', instant],
    ['an offset with a colon', '2020-02-20T13:18:29+01:00', instant],
    ['an offset without a colon', '2020-02-20T13:18:29+0100', instant],
    ['a negative offset', '2020-02-20T06:48:29-0530', instant],
    ['milliseconds', '2020-02-20T12:18:29.250Z', instant + 250],
    ['one digit of a second', '2020-02-20T12:18:29.5Z', instant + 500],
    ['digits below the millisecond, which it cuts off', '2020-02-20T12:18:29.123999999Z', instant + 123],
    ['a leap day', '2020-02-29T00:00:00Z', Date.UTC(2020, 1, 29)],
    ['a time before the epoch', '1969-12-31T23:59:59.999Z', -1],
  ])('takes %s', (_what, text, atMs) => {
    expect(parseDateTime(text)).toBe(atMs);
  });

  it('tells a missing offset from another wrong format', () => {
    expect(parseDateTime('2020-02-20T12:18:29')).toBe('offset_missing');
    expect(parseDateTime('2020-02-20')).toBe('format');
  });

  it.each([
    '2020-02-30T00:00:00Z',
    '2019-02-29T00:00:00Z',
    '2020-13-01T00:00:00Z',
    '2020-02-20T24:00:00Z',
    '2020-02-20T12:60:00Z',
    '2020-02-20T12:18:60Z',
    '2020-02-20T12:18Z',
    '2020-02-20 12:18:29Z',
    '2020-02-20T12:18:29+24:00',
    '2020-02-20T12:18:29+01',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '',
    'yesterday',
  ])('refuses %s', (text) => {
    expect(parseDateTime(text)).toBe('format');
  });
});

describe('writing a date-time', () => {
  it('has milliseconds only when they are not zero', () => {
    expect(formatDateTime(Date.UTC(2020, 1, 20, 12, 18, 29))).toBe('2020-02-20T12:18:29+0000');
    expect(formatDateTime(Date.UTC(2020, 1, 20, 12, 18, 29, 40))).toBe('2020-02-20T12:18:29.040+0000');
  });

  it('gives back the instant that was read', () => {
    expect(parseDateTime(formatDateTime(-1))).toBe(-1);
    expect(parseDateTime(formatDateTime(1_694_432_512_600))).toBe(1_694_432_512_600);
  });
});

describe('a date', () => {
  it.each([
    ['1986-08-21', true],
    ['2024-02-29', true],
    ['2023-02-29', false],
    ['1986-8-21', false],
    ['0000-01-01', false],
    ['21.08.1986', false],
    ['1986-08-21T00:00:00Z', false],
  ])('%s is one: %s', (text, expected) => {
    expect(isDate(text)).toBe(expected);
  });
});
