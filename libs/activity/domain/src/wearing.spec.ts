import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolveWearing, initialWearing } from './state.ts';
import { type Claim, excludes } from './wearing.ts';

const claim = (over: Partial<Claim>): Claim => ({
  timeFrameId: 1,
  owner: 3,
  athlete: 12,
  startMs: 1000,
  endMs: 2000,
  ...over,
});

describe('two claims on one device', () => {
  it('exclude one another when different athletes overlap by a millisecond', () => {
    expect(excludes(claim({}), claim({ timeFrameId: 2, athlete: 13, startMs: 1999, endMs: 3000 }))).toBe(
      true,
    );
  });

  it('are both allowed when one ends where the other begins', () => {
    expect(excludes(claim({}), claim({ timeFrameId: 2, athlete: 13, startMs: 2000, endMs: 3000 }))).toBe(
      false,
    );
  });

  it('are both allowed for one athlete, for different owners, and for the time frame itself', () => {
    expect(excludes(claim({}), claim({ timeFrameId: 2 }))).toBe(false);
    expect(excludes(claim({}), claim({ timeFrameId: 2, athlete: 13, owner: 4 }))).toBe(false);
    expect(excludes(claim({}), claim({ athlete: 13 }))).toBe(false);
  });

  it('exclude one another exactly when some instant belongs to both', () => {
    const window = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(window, window, ([a, lengthA], [b, lengthB]) => {
        const first = claim({ startMs: a, endMs: a + lengthA });
        const second = claim({ timeFrameId: 2, athlete: 13, startMs: b, endMs: b + lengthB });
        const instants = Array.from({ length: 41 }, (_, t) => t);
        const shared = instants.some((t) => t >= a && t < a + lengthA && t >= b && t < b + lengthB);
        expect(excludes(first, second)).toBe(shared);
        expect(excludes(second, first)).toBe(shared);
      }),
    );
  });
});

describe('the reservations of a device', () => {
  it('hold every reservation until its time frame releases it', () => {
    const reserved = (timeFrameId: number) =>
      ({
        type: 'WearingReserved',
        stream: `timeframe-${timeFrameId}`,
        revision: 0,
        ...claim({ timeFrameId }),
      }) as const;
    const held = [reserved(1), reserved(2), { type: 'WearingReleased', timeFrameId: 1 } as const].reduce(
      evolveWearing,
      initialWearing,
    );
    expect(held.map(({ timeFrameId }) => timeFrameId)).toEqual([2]);
  });
});
