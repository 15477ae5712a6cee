import { describe, expect, it } from 'vitest';
import { columnsOf, type GnssSample } from '../fixtures/samples.ts';
import { NO_ALTITUDE, NO_SPEED, plausibleGnss } from './gnss.ts';

const clean = (...samples: readonly GnssSample[]) => plausibleGnss(columnsOf({ gnss: samples }).gnss, 12.5);
const HERE = { latitude: 46, longitude: 7 };

describe('plausibleGnss', () => {
  it('takes whole speeds and altitudes', () => {
    const { series } = clean({ t: 1, speed: 1.23456, altitude: -0.0006 }, { t: 2, ...HERE });
    expect([...series.speed]).toEqual([12_346, NO_SPEED]);
    expect([...series.altitude]).toEqual([-1, NO_ALTITUDE]);
  });

  it.each<[string, GnssSample]>([
    ['a latitude beyond the pole', { t: 2, latitude: 90.1, longitude: 0, speed: 1 }],
    ['a lone longitude beyond the date line', { t: 2, longitude: -180.5, speed: 1 }],
    ['a negative speed', { t: 2, speed: -0.1, ...HERE }],
    ['an infinite speed', { t: 2, speed: Number.POSITIVE_INFINITY, ...HERE }],
    ['a speed above what the sport allows', { t: 2, speed: 12.51, ...HERE }],
    ['half a position and no speed', { t: 2, latitude: 46 }],
    ['nothing but a time', { t: 2, altitude: 300 }],
  ])('leaves out %s', (_name, sample) => {
    const { series, implausible, duplicates } = clean({ t: 1, speed: 1 }, sample, { t: 3, speed: 2 });
    expect([[...series.t], implausible, duplicates]).toEqual([[1, 3], 1, 0]);
  });

  it('keeps what is at the limits, and -0', () => {
    const limits = [
      { t: 1, latitude: -90, longitude: 180 },
      { t: 2, speed: 12.5 },
      { t: 3, speed: -0, altitude: -500 },
    ];
    expect(clean(...limits)).toMatchObject({ implausible: 0 });
  });

  it('takes an altitude outside [-500, 10 000] for missing, and it does not make a sample fuller', () => {
    const { series, duplicates } = clean({ t: 1, speed: 1, altitude: 10_001 }, { t: 1, speed: 2 });
    expect([[...series.speed], [...series.altitude], duplicates]).toEqual([[20_000], [NO_ALTITUDE], 1]);
  });

  it('counts of several with one time the fullest, then the greatest by speed, position and altitude', () => {
    const pick = (...samples: readonly GnssSample[]) => [...clean(...samples).series.speed];
    expect(pick({ t: 1, speed: 9 }, { t: 1, speed: 1, ...HERE })).toEqual([10_000]);
    expect(
      pick({ t: 1, speed: 1, ...HERE }, { t: 1, speed: 2, ...HERE }, { t: 1, speed: 13, ...HERE }),
    ).toEqual([20_000]);
    const { series } = clean(
      { t: 1, speed: 1, ...HERE },
      { t: 1, speed: 1, ...HERE, latitude: 46.5, longitude: 6 },
    );
    expect([...series.longitude]).toEqual([6]);
  });

  it('counts only what is left out of the range it is asked for', () => {
    const { gnss } = columnsOf({ gnss: [0, 1, 2, 3].map((t) => ({ t, speed: -1 })) });
    expect(plausibleGnss(gnss, 12.5, [1, 3]).implausible).toBe(2);
  });
});
