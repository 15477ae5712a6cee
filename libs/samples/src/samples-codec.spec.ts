import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { SamplesSchema } from '@touchline/contracts/telemetry/v1/samples';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatSampleColumns, emptySampleColumns, type SampleColumns } from './columns.ts';
import { decodeSamples, encodeSamples, SamplesError } from './samples-codec.ts';

const day = Date.UTC(2021, 10, 19);

function column(...values: number[]): Float64Array {
  return Float64Array.from(values);
}

const some: SampleColumns = {
  gnss: {
    t: column(day, day + 100, day + 50),
    latitude: column(45.5, NaN, 1e-300),
    longitude: column(9.25, NaN, -180),
    speed: column(3.25, 0.1, Infinity),
    altitude: column(NaN, 120, -0),
  },
  ecg: { t: column(day + 86_399_999), hr: column(151) },
  pwr: { t: column(day), power: column(250), cadence: column(NaN) },
  device: { t: column(day), standstill: column(1), batteryLevel: column(87.5) },
};

describe('the samples codec', () => {
  it('gives back what it was given, but for the sign of zero', () => {
    const back = decodeSamples(encodeSamples(some));
    expect(back).toEqual({ ...some, gnss: { ...some.gnss, altitude: column(NaN, 120, 0) } });
  });

  it('writes the very bytes that the generated encoder writes', () => {
    const bytes = encodeSamples(some);
    expect(Buffer.from(toBinary(SamplesSchema, fromBinary(SamplesSchema, bytes))).toString('hex')).toBe(
      Buffer.from(bytes).toString('hex'),
    );
  });

  it('is read by the generated decoder as milliseconds, degrees and m/s', () => {
    const message = fromBinary(SamplesSchema, encodeSamples(some));
    expect(message.gnss?.firstTimestampMs).toBe(BigInt(day));
    expect(message.gnss?.timestampDeltaMs).toEqual([0, 100, -50]);
    expect(message.gnss?.latitudeDeg).toEqual([45.5, NaN, 1e-300]);
    expect(message.gnss?.speedMps).toEqual([3.25, 0.1, Infinity]);
    expect(message.ecg?.hrBpm).toEqual([151]);
    expect(message.pwr?.instantPowerW).toEqual([250]);
    expect(message.device?.batteryLevel).toEqual([87.5]);
  });

  it('writes nothing for nothing', () => {
    expect(encodeSamples(emptySampleColumns())).toHaveLength(0);
    expect(decodeSamples(new Uint8Array(0))).toEqual(emptySampleColumns());
  });

  it('keeps any doubles and any times of a day', () => {
    const time = fc.integer({ min: day, max: day + 86_399_999 });
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            time,
            fc.double().map((value) => value + 0),
          ),
          { maxLength: 40 },
        ),
        (pairs) => {
          const ecg = { t: column(...pairs.map(([t]) => t)), hr: column(...pairs.map(([, hr]) => hr)) };
          expect(decodeSamples(encodeSamples({ ...emptySampleColumns(), ecg })).ecg).toEqual(ecg);
        },
      ),
    );
  });

  it('passes over fields that it does not know', () => {
    const later = Uint8Array.of(...encodeSamples(some), 0x4a, 0x02, 1, 2, 0x50, 5);
    expect(decodeSamples(later)).toEqual(decodeSamples(encodeSamples(some)));
  });

  it('refuses bytes that are cut off', () => {
    const bytes = encodeSamples(some);
    expect(() => decodeSamples(bytes.subarray(0, bytes.length - 3))).toThrow(SamplesError);
  });

  it('refuses columns of unequal length', () => {
    const uneven = { ...some, ecg: { t: column(day, day + 1), hr: column(1) } };
    expect(() => encodeSamples(uneven)).toThrow('hr has 1 values, its timestamps are 2');
  });

  it('joins parts channel by channel', () => {
    const joined = concatSampleColumns([some, emptySampleColumns(), some]);
    expect(joined.gnss.t).toEqual(column(day, day + 100, day + 50, day, day + 100, day + 50));
    expect(joined.pwr.power).toEqual(column(250, 250));
  });
});
