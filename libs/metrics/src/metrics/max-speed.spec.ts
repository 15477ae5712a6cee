import { describe, expect, it } from 'vitest';
import { documentOf, speeds } from '../fixtures/samples.ts';

describe('max speed', () => {
  it('is the greatest speed of a sample in whole 1e-4 m/s', () => {
    expect(documentOf({ gnss: speeds(1000, [1, 7.12345, 2]) }).max_speed).toBe(7.1235);
  });

  it('does not see what is not plausible for the sport', () => {
    const gnss = speeds(1000, [1, 12.5, 12.6]);
    expect(documentOf({ gnss }).max_speed).toBe(12.5);
    expect(documentOf({ gnss }, { sport: 'biking' }).max_speed).toBe(12.6);
  });
});
