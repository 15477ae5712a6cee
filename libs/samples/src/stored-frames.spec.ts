import { DecryptionFailed } from '@touchline/event-log';
import { describe, expect, it } from 'vitest';
import { emptySampleColumns, type SampleColumns } from './columns.ts';
import { encodeSamples, SamplesError } from './samples-codec.ts';
import { framesIngestedType, openFrames, readFrames, sealFrames, touches } from './stored-frames.ts';

const stream = 'telemetry-7-20211119';
const key = new Uint8Array(32).fill(7);
const day = Date.UTC(2021, 10, 19);

const samples: SampleColumns = {
  ...emptySampleColumns(),
  gnss: {
    t: Float64Array.of(day + 100, day + 200),
    latitude: Float64Array.of(45.5, NaN),
    longitude: Float64Array.of(9.25, NaN),
    speed: Float64Array.of(3.25, 4),
    altitude: Float64Array.of(NaN, 120),
  },
  ecg: { t: Float64Array.of(day + 1000), hr: Float64Array.of(151) },
};

function stored(data: Uint8Array, inStream = stream) {
  return { type: framesIngestedType, data, stream: inStream };
}

function sealed(): Uint8Array {
  const plaintext = encodeSamples(samples);
  return sealFrames({ deviceId: 7, samples, plaintext, keyId: `${stream}.1`, key, stream });
}

describe('stored frames', () => {
  it('tell device, key and ranges without the key', () => {
    expect(readFrames(stored(sealed()))).toMatchObject({
      deviceId: 7,
      keyId: 'telemetry-7-20211119.1',
      ranges: [
        { channel: 'gnss', firstMs: day + 100, lastMs: day + 200, samples: 2 },
        { channel: 'ecg', firstMs: day + 1000, lastMs: day + 1000, samples: 1 },
      ],
    });
  });

  it('open with it', () => {
    expect(openFrames(readFrames(stored(sealed())), key)).toEqual(samples);
  });

  it('stay readable as the first version wrote them', () => {
    const golden = stored(Buffer.from(goldenBytes, 'base64'));
    const frames = readFrames(golden);
    expect(frames.ranges.map(({ channel }) => channel)).toEqual(['gnss', 'ecg']);
    expect(openFrames(frames, key)).toEqual(samples);
  });

  it('tell when the log first took what was appended again', () => {
    const plaintext = encodeSamples(samples);
    const again = { deviceId: 7, samples, plaintext, keyId: `${stream}.2`, key, stream, firstStoredMs: day };
    expect(readFrames(stored(sealFrames(again))).firstStoredMs).toBe(day);
    expect(readFrames(stored(sealed())).firstStoredMs).toBeUndefined();
  });

  it('do not open with another key or from another stream', () => {
    const bytes = sealed();
    expect(() => openFrames(readFrames(stored(bytes)), new Uint8Array(32))).toThrow(DecryptionFailed);
    expect(() => openFrames(readFrames(stored(bytes, 'telemetry-8-20211119')), key)).toThrow(
      DecryptionFailed,
    );
  });

  it('do not show their samples', () => {
    const shown = Buffer.from(sealed());
    expect(shown.includes(Buffer.from(Float64Array.of(151).buffer))).toBe(false);
    expect(Buffer.from(encodeSamples(samples)).includes(Buffer.from(Float64Array.of(151).buffer))).toBe(true);
  });

  it('are told from other events', () => {
    expect(() => readFrames({ type: 'telemetry.v1.DayErased', data: {}, stream })).toThrow(SamplesError);
  });

  it('know which windows they touch, the stop being outside', () => {
    const frames = readFrames(stored(sealed()));
    expect(touches(frames, day + 200, day + 300)).toBe(true);
    expect(touches(frames, day, day + 100)).toBe(false);
    expect(touches(frames, day + 201, day + 1000)).toBe(false);
    expect(touches(frames, day + 1000, day + 1001)).toBe(true);
  });
});

const goldenBytes =
  'CAcSpAEKFnRlbGVtZXRyeS03LTIwMjExMTE5LjESDFkKfAh0+Bd9/t792hp8xvE8+E1SswaPFHcXvcrPVcaAvyeLRE' +
  'mMR5yPiSPBDTXT7hXUnnlGCPf+CAxbG6EWj+3BNAukKhoxhNFvcZfIy9pfCgqDWmcpDSzLURebtsqUkRLgPZehN+XP' +
  '++YYxLxn6k9dodFfRTzSkUQ+PnsRL0P+iXHVPJ8Rzma2dhoSCAEQ5ND4q9MvGMjR+KvTLyACGhIIAhDo1/ir0y8Y6N' +
  'f4q9MvIAE=';
