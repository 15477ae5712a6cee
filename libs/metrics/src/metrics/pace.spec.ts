import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('pace', () => {
  it('is seconds per km, per 100 m for swimming, null at rest and absent for soccer', () => {
    const gnss = speeds(1000, [2.5, 2.5]);
    expect(documentOf({ gnss }, { sport: 'running' }).extensions.pace).toEqual({ average: 400 });
    expect(documentOf({ gnss }, { sport: 'swimming' }).extensions.pace).toEqual({ average: 40 });
    expect(documentOf({}, { sport: 'trailrunning' }).extensions.pace).toEqual({ average: null });
    expect(documentOf({ gnss }).extensions).not.toHaveProperty('pace');
  });
});
