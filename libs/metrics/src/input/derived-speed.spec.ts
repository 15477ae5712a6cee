import { describe, expect, it } from 'vitest';
import { columnsOf, type GnssSample } from '../fixtures/samples.ts';
import { deriveSpeed } from './derived-speed.ts';
import { plausibleGnss } from './gnss.ts';
import { segmentBounds } from './segments.ts';

/** 1e-4 m/s of every sample, and the glitches; max_gap 5 s, at most 12.5 m/s. */
function derive(samples: readonly GnssSample[]): { v: number[]; glitches: number } {
  const { series } = plausibleGnss(columnsOf({ gnss: samples }).gnss, 12.5);
  const { v, glitches } = deriveSpeed(series, segmentBounds(series.t, 5000), 5000, 12.5, [
    0,
    series.t.length,
  ]);
  return { v: [...v], glitches };
}

/** Degrees of latitude that a metre makes on the sphere of the definition. */
const DEGREES = 180 / (Math.PI * 6_371_008.8);
const north = (t: number, metres: number): GnssSample => ({ t, latitude: metres * DEGREES, longitude: 7 });

describe('deriveSpeed', () => {
  it('is the central difference of positions, one-sided at the ends, when nothing is near enough to smooth', () => {
    expect(derive([north(0, 0), north(1000, 2), north(2000, 6), north(3000, 6)]).v).toEqual([
      20_000, 30_000, 20_000, 0,
    ]);
  });

  it('averages over ±500 ms, borders included', () => {
    const samples = [0, 1, 3, 6].map((metres, i) => north(i * 500, metres));
    // Raw: 2, 3, 5, 6 m/s.
    expect(derive(samples).v).toEqual([25_000, 33_333, 46_667, 55_000]);
  });

  it('measures along parallels and across long ways, too', () => {
    const east = [0, 1, 2].map((degrees, i) => ({ t: i * 3000, latitude: 60, longitude: degrees * 1e-4 }));
    expect(derive(east).v[1]).toBe(Math.round(((Math.PI / 180) * 6_371_008.8 * 2e-4 * 0.5 * 1e4) / 6));
    const far = [0, 1, 2].map((i) => ({ t: i * 1000, latitude: 0, longitude: i }));
    expect(derive(far)).toEqual({ v: [0, 0, 0], glitches: 3 });
  });

  it('leaves glitches out and counts them where there is no Doppler speed', () => {
    const samples = [
      north(0, 0),
      north(1000, 1),
      { ...north(2000, 500), speed: 1 },
      north(3000, 3),
      north(4000, 4),
    ];
    expect(derive(samples)).toEqual({ v: [10_000, 0, 10_000, 0, 10_000], glitches: 2 });
  });

  it('keeps Doppler speeds and uses the positions of their samples', () => {
    const samples = [{ ...north(0, 0), speed: 7 }, north(1000, 2), { ...north(2000, 4), speed: 8 }];
    expect(derive(samples).v).toEqual([70_000, 20_000, 80_000]);
  });

  it('gives 0 to a run of fewer than three, and positions more than max_gap apart are not neighbours', () => {
    expect(derive([north(0, 0), north(1000, 2)]).v).toEqual([0, 0]);
    const apart = [
      north(0, 0),
      north(1000, 2),
      { t: 4000, speed: 3 },
      north(7000, 9),
      north(8000, 12),
      north(9000, 15),
    ];
    expect(derive(apart).v).toEqual([0, 0, 30_000, 30_000, 30_000, 30_000]);
  });
});
