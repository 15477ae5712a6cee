import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChannel, RecordingError } from './recordings.ts';

const HEADER = ['timestamp', 'hr'];
const cell = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double().map(String),
  fc.constantFrom('', ' ', '-0', '1e999', '0x10', 'NaN', '\0', '\ud800', '"', '1637341832600'),
);
const line = fc.array(cell, { maxLength: 3 }).map((cells) => cells.join(','));
const newline = fc.constantFrom('\n', '\r\n', '\r');

it('reads any text into columns of one length, or names the line that is wrong', () => {
  const header = fc.oneof(fc.constantFrom('timestamp,hr', 'hr,timestamp', '\uFEFFtimestamp'), line);
  fc.assert(
    fc.property(header, fc.array(line), newline, (first, lines, end) => {
      try {
        const columns = parseChannel('ecg', [first, ...lines].join(end), 'some.ecg.csv');
        expect(Object.keys(columns)).toEqual(HEADER);
        expect(new Set(Object.values(columns).map(({ length }) => length)).size).toBe(1);
        expect(columns['timestamp']!.every(Number.isSafeInteger)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError);
        expect((error as Error).message).toMatch(/^some\.ecg\.csv:\d+: /);
      }
    }),
  );
});

it('reads every number that was written', () => {
  const row = fc.tuple(fc.nat(), fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })));
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const text = [HEADER.join(','), ...rows.map(([t, hr]) => `${t},${hr ?? ''}`)].join('\n');
      const { timestamp, hr } = parseChannel('ecg', text, 'some.ecg.csv');
      expect([...timestamp!]).toEqual(rows.map(([t]) => t));
      // The text of -0 is that of 0.
      expect([...hr!].map((x) => x + 0)).toEqual(rows.map(([, x]) => (x === null ? NaN : x + 0)));
    }),
  );
});
