import { describe, expect, it } from 'vitest';
import { columnsOf } from './fixtures/samples.ts';
import {
  ALGORITHM_VERSION,
  compute,
  emptyDocument,
  roundDocument,
  SPORTS,
  type TimeFrameInput,
} from './index.ts';

const input: TimeFrameInput = {
  sport: 'soccer',
  window: { startMs: 0, endMs: 60_000 },
  birthDate: '1998-05-04',
};

describe('compute', () => {
  it('says which columns do not fit together', () => {
    const columns = columnsOf({ gnss: [{ t: 0, speed: 1 }] });
    const broken = { ...columns, gnss: { ...columns.gnss, speed: new Float64Array(3) } };
    expect(() => compute({ ...input, columns: broken })).toThrow(
      'gnss.speed has 3 values, but gnss.t has 1: columns need equal lengths',
    );
  });

  it('takes a time that is no number for outside the window', () => {
    const gnss = [
      { t: 2000, speed: 2 },
      { t: Number.NaN, speed: 9 },
      { t: 1000, speed: 2 },
    ];
    expect(compute({ ...input, columns: columnsOf({ gnss }) })).toMatchObject({
      total_distance: 2,
      max_speed: 2,
    });
  });

  it('does not count exact repeats, implausible ones neither', () => {
    const sample = { t: 1000, speed: -1 };
    const columns = columnsOf({
      gnss: [sample, sample, { t: 1000, speed: -2 }],
      ecg: [
        { t: 0, hr: 1 },
        { t: 0, hr: 1 },
      ],
    });
    expect(compute({ ...input, columns }).extensions.quality).toMatchObject({
      implausible: 3,
      duplicates: 0,
    });
  });
});

describe('emptyDocument', () => {
  it.each(SPORTS)('has every key of %s, with nothing in it', (sport) => {
    const document = emptyDocument({ ...input, sport });
    expect(document).toMatchObject({
      first_timestamp: null,
      last_timestamp: null,
      last_computation: null,
      total_distance: 0,
      hr_plot: 0,
      athlete_max_hr: null,
    });
    expect(document.extensions.quality.algorithm).toBe(ALGORITHM_VERSION);
    expect(roundDocument(document)).toEqual(document);
  });
});
