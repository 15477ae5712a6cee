import { describe, expect, it } from 'vitest';
import { documentOf } from '../fixtures/samples.ts';

/** Altitudes 6 s apart with a gap of up to 60 s: no smoothing. */
const elevation = (...altitudes: readonly (number | undefined)[]) =>
  documentOf(
    {
      gnss: altitudes.map((altitude, i) => ({
        t: i * 6000,
        speed: 1,
        ...(altitude === undefined ? {} : { altitude }),
      })),
    },
    { sport: 'running', params: { max_gap: 6 } },
  ).extensions.elevation;

describe('elevation', () => {
  it('follows the altitude with a hysteresis of 1 m', () => {
    expect(elevation(10, 10.999, 11, 11.5, 10.001, 10, 9.5, 12)).toEqual({
      gain: 3,
      loss: 1,
      min: 9.5,
      max: 12,
    });
  });

  it('averages over ±5 s and rounds to whole mm, half away from zero', () => {
    const gnss = [0, 0.001, 10, 10.001].map((altitude, i) => ({
      t: Math.floor(i / 2) * 20_000 + (i % 2),
      speed: 1,
      altitude,
    }));
    const { min, max } = documentOf({ gnss }, { sport: 'running' }).extensions.elevation!;
    expect([min, max]).toEqual([0.001, 10.001]);
    const below = gnss.map((sample) => ({ ...sample, altitude: -sample.altitude }));
    expect(documentOf({ gnss: below }, { sport: 'running' }).extensions.elevation).toMatchObject({
      min: -10.001,
      max: -0.001,
    });
  });

  it('starts anew after a gap', () => {
    const gnss = [0, 1000, 100_000, 101_000].map((t, i) => ({ t, speed: 1, altitude: i < 2 ? 10 : 500 }));
    expect(documentOf({ gnss }, { sport: 'biking' }).extensions.elevation).toEqual({
      gain: 0,
      loss: 0,
      min: 10,
      max: 500,
    });
  });

  it('leaves out missing and impossible altitudes', () => {
    expect(elevation(undefined, 10, -501, 10_001, undefined, 12)).toEqual({
      gain: 2,
      loss: 0,
      min: 10,
      max: 12,
    });
    expect(elevation(undefined, undefined)).toEqual({ gain: 0, loss: 0, min: null, max: null });
  });

  it('belongs to the sports that climb', () => {
    expect(documentOf({}).extensions).not.toHaveProperty('elevation');
    expect(documentOf({}, { sport: 'swimming' }).extensions).not.toHaveProperty('elevation');
  });
});
