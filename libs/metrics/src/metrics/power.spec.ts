import { describe, expect, it } from 'vitest';
import { documentOf } from '../fixtures/samples.ts';

const power = (values: readonly number[], everyMs = 1000) =>
  documentOf(
    { pwr: values.map((watts, i) => ({ t: i * everyMs, power: watts, cadence: 90 })) },
    { sport: 'biking' },
  ).extensions.power;

describe('power', () => {
  it('is the mean, the greatest and, from 30 s on, the normalized power', () => {
    expect(power(Array<number>(31).fill(200))).toEqual({ average: 200, max: 200, normalized: 200 });
    expect(power([100, 300])).toEqual({ average: 200, max: 300, normalized: null });
  });

  it('normalizes by the 4th powers of the mean over the last 30 s', () => {
    // Means of what there is: 100, then (100 + 400) / 2, then 400 alone.
    const expected = ((100 ** 4 + 250 ** 4 + 400 ** 4) / 3) ** 0.25;
    expect(power([100, 400, 400], 20_000)!.normalized).toBeCloseTo(expected, 9);
  });

  it('keeps of several samples with one time the one with the cadence, then the greatest', () => {
    const document = documentOf(
      {
        pwr: [
          { t: 0, power: 300 },
          { t: 0, power: 200, cadence: 80 },
          { t: 0, power: 210, cadence: 70 },
          { t: 0, power: 3000.5, cadence: 70 },
        ],
      },
      { sport: 'triathlon' },
    );
    expect(document.extensions.power).toEqual({ average: 210, max: 210, normalized: null });
    expect(document.extensions.quality).toMatchObject({ duplicates: 2, implausible: 1 });
  });

  it('is absent without samples and in sports without power, whose samples are counted all the same', () => {
    expect(power([])).toBeUndefined();
    const document = documentOf({ pwr: [{ t: 0, power: -1 }] });
    expect(document.extensions.power).toBeUndefined();
    expect(document.extensions.quality.implausible).toBe(1);
  });
});
