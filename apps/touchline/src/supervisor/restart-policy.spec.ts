import { describe, expect, it } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

describe('the restart policy', () => {
  it('waits longer after each quick death and gives up at the fifth', () => {
    const policy = new RestartPolicy();
    const verdicts = Array.from({ length: 5 }, () => policy.died(50));
    expect(verdicts).toEqual([
      { restartInMs: 100 },
      { restartInMs: 200 },
      { restartInMs: 400 },
      { restartInMs: 800 },
      'give-up',
    ]);
  });

  it('starts anew after a long life, and never gives up on deaths that are far apart', () => {
    const policy = new RestartPolicy();
    policy.died(50);
    policy.died(50);
    for (let deaths = 0; deaths < 20; deaths += 1) expect(policy.died(60_000)).toEqual({ restartInMs: 100 });
    expect(policy.died(50)).toEqual({ restartInMs: 200 });
  });
});
