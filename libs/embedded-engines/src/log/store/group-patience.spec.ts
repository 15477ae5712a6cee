import { describe, expect, it } from 'vitest';

import { GroupPatience } from './group-patience.ts';

/** After many commits of the same kind. */
function accustomed(size: number, durationMs: number): GroupPatience {
  const patience = new GroupPatience();
  for (let i = 0; i < 50; i += 1) patience.committed(size, durationMs);
  return patience;
}

describe('the patience of a group', () => {
  it('has none for a writer that is alone', () => {
    expect(new GroupPatience().waitMs(1, 0)).toBe(0);
    expect(accustomed(1, 5).waitMs(1, 0)).toBe(0);
  });

  it('waits for as many as came last time, for a part of what a commit takes', () => {
    const patience = accustomed(64, 1);
    expect(patience.waitMs(1, 0)).toBeCloseTo(0.5, 3);
    expect(patience.waitMs(63, 0.3)).toBeCloseTo(0.2, 3);
    expect(patience.waitMs(63, 0.6)).toBe(0);
    expect(patience.waitMs(64, 0)).toBe(0);
  });

  it('waits no more than 2 ms, however slow the disk', () => {
    expect(accustomed(64, 500).waitMs(1, 0)).toBe(2);
  });

  it('forgets company that does not come back', () => {
    const patience = accustomed(64, 1);
    for (let i = 0; i < 6; i += 1) patience.committed(1, 1);
    expect(patience.waitMs(1, 0)).toBe(0);
  });
});
