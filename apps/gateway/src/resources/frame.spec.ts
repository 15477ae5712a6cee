import { HttpError } from '@touchline/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrames } from './frame.ts';

const read = (json: unknown) => readFrames({ mediaType: 'application/json', text: JSON.stringify(json) });
const reason = (json: unknown) => read(json)[0]?.malformed;

describe('reading frames', () => {
  it('takes columns, and a number for a column of one', () => {
    expect(
      read({
        gnss: { timestamp: [1000, 1100], latitude: [46.5, null], longitude: [6.5, 6.6], speed: [0, 1] },
        ecg: { timestamp: 1000, hr: 141 },
        pwr: { timestamp: [1000], pwr_cadence: [90], pwr_instantpower: [250.5] },
        device: { timestamp: 1000, standstill: 1, Bat_lvl: 88 },
      }),
    ).toEqual([
      {
        gnss: {
          timestampMs: [1000, 1100],
          latitudeDeg: { values: [46.5, NaN] },
          longitudeDeg: { values: [6.5, 6.6] },
          speedMps: { values: [0, 1] },
        },
        ecg: { timestampMs: [1000], hrBpm: { values: [141] } },
        pwr: { timestampMs: [1000], cadenceRpm: { values: [90] }, instantPowerW: { values: [250.5] } },
        device: { timestampMs: [1000], standstill: { values: [1] }, batteryLevel: { values: [88] } },
      },
    ]);
  });

  it('keeps every bit of a number', () => {
    const [frame] = read({ ecg: { timestamp: [1, 2, 3], hr: [0.1 + 0.2, 5e-324, 2 ** 53] } });
    expect(frame?.ecg?.hrBpm?.values).toEqual([0.1 + 0.2, 5e-324, 2 ** 53]);
  });

  it('ignores parts and keys that it does not know, and parts that are null', () => {
    expect(read({ imu: { timestamp: ['x'] }, gnss: null, ecg: { timestamp: 1, hr: 60, rr: 'x' } })).toEqual([
      { ecg: { timestampMs: [1], hrBpm: { values: [60] } } },
    ]);
  });

  it('takes null for a whole column as one that was not sent', () => {
    expect(read({ gnss: { timestamp: [1, 2], altitude: null } })).toEqual([
      { gnss: { timestampMs: [1, 2] } },
    ]);
  });

  it('leaves unequal lengths and odd times to the owner of the data', () => {
    expect(read({ ecg: { timestamp: [1.5, -7], hr: [60] } })).toEqual([
      { ecg: { timestampMs: [1.5, -7], hrBpm: { values: [60] } } },
    ]);
  });

  it('says what is wrong with a frame and takes the others', () => {
    expect(read([{ ecg: { timestamp: 1, hr: 60 } }, 5, { ecg: { timestamp: 2, hr: 61 } }])).toEqual([
      expect.objectContaining({ ecg: expect.anything() }),
      { malformed: 'A frame is an object, not a number.' },
      expect.objectContaining({ ecg: expect.anything() }),
    ]);
  });

  it.each([
    [null, 'A frame is an object, not null.'],
    [[[]], 'A frame is an object, not an array.'],
    [{ gnss: [] }, 'gnss is an object, not an array.'],
    [{ gnss: { timestamp: ['1'] } }, 'gnss.timestamp[0] is no number but a string.'],
    [{ gnss: { timestamp: [null] } }, 'gnss.timestamp[0] is no number but null.'],
    [{ ecg: { timestamp: [1, 2], hr: [60, true] } }, 'ecg.hr[1] is no number but a boolean.'],
    [{ ecg: { timestamp: 1, hr: '60' } }, 'ecg.hr is no number but a string.'],
    [{ ecg: { timestamp: 1, hr: [[60]] } }, 'ecg.hr[0] is no number but an array.'],
  ])('rejects %j: %s', (frame, message) => {
    expect(reason(frame)).toBe(message);
  });

  it('rejects a number out of range', () => {
    const text = '{"ecg": {"timestamp": 1, "hr": 1e999}}';
    expect(readFrames({ mediaType: 'application/json', text })).toEqual([
      { malformed: 'ecg.hr is no number but a number out of range.' },
    ]);
  });

  it('refuses a body that is not JSON as a whole', () => {
    expect(() => readFrames({ mediaType: 'application/json', text: '[{}' })).toThrow(HttpError);
    expect(() => readFrames({ mediaType: 'application/json', text: '' })).toThrow(/JSON parse error/);
  });

  it('reads a frame a line, and rejects a line that is not JSON', () => {
    const text = '{"ecg":{"timestamp":1,"hr":60}}\r\n\nnot json\n{"ecg":{"timestamp":2,"hr":61}}\n';
    expect(readFrames({ mediaType: 'application/x-ndjson', text })).toEqual([
      { ecg: { timestampMs: [1], hrBpm: { values: [60] } } },
      { malformed: expect.stringMatching(/^The line is not JSON: /) },
      { ecg: { timestampMs: [2], hrBpm: { values: [61] } } },
    ]);
  });
});

describe('reading anything', () => {
  const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.constant(null));
  const column = fc.oneof(fc.array(number, { maxLength: 5 }), number, fc.jsonValue({ maxDepth: 3 }));
  const part = (...keys: string[]) =>
    fc.oneof(
      fc.record(Object.fromEntries(['timestamp', ...keys].map((key) => [key, column])), { requiredKeys: [] }),
      fc.jsonValue(),
    );
  const frame = fc.oneof(
    fc.record(
      {
        gnss: part('latitude', 'longitude', 'speed', 'altitude', '__proto__'),
        ecg: part('hr', 'constructor'),
        pwr: part('pwr_cadence', 'pwr_instantpower'),
        device: part('standstill', 'Bat_lvl'),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue(),
  );

  it('gives of any JSON one frame for each that came, of numbers only or with a reason', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
        const messages = read(frames);
        expect(messages).toHaveLength(frames.length);
        for (const { malformed, ...parts } of messages) {
          if (malformed !== undefined) {
            expect(malformed).toMatch(/\w/);
            continue;
          }
          for (const { timestampMs, ...columns } of Object.values(parts) as Record<string, unknown>[]) {
            expect((timestampMs as unknown[]).every((value) => Number.isFinite(value))).toBe(true);
            for (const { values } of Object.values(columns) as { values: unknown[] }[])
              expect(values.every((value) => typeof value === 'number')).toBe(true);
          }
        }
      }),
    );
  });

  it('takes any text for frames, or says what is wrong with it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.oneof(
            frame.map((json) => JSON.stringify(json)),
            fc.string(),
          ),
        )
        .map((lines) => lines.join('\n')),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('application/json', 'application/x-ndjson'), (given, mediaType) => {
        try {
          for (const { malformed = 'fine' } of readFrames({ mediaType, text: given }))
            expect(malformed).toMatch(/\w/);
        } catch (error) {
          expect(error).toBeInstanceOf(HttpError);
          expect(error).toMatchObject({ status: 400 });
        }
      }),
    );
  });
});
