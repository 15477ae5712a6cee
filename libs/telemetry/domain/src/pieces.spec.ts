import { describe, expect, it } from 'vitest';
import { splitByDay } from './frame.ts';
import { pieces, storedBytes } from './pieces.ts';
import { countSamples, fromColumnLists } from './samples.ts';

const day = Date.UTC(2024, 4, 1);
const times = Array.from({ length: 100 }, (_, i) => day + ((i * 37) % 100));
const samples = splitByDay([
  {
    gnss: { t: times, fields: { speed: times.map((t) => t - day) } },
    ecg: { t: [day], fields: { hr: [60] } },
  },
]).get('20240501')!;

describe('pieces', () => {
  it('are one while the samples are small, none when there are none', () => {
    expect(pieces(samples, 1e6)).toEqual([samples]);
    expect(
      pieces(
        fromColumnLists(() => []),
        1e6,
      ),
    ).toEqual([]);
  });

  it('hold every sample once, each within its bytes and a stretch of time of its own', () => {
    const cut = pieces(samples, 1000);
    expect(cut.reduce((sum, piece) => sum + countSamples(piece), 0)).toBe(101);
    for (const piece of cut) expect(storedBytes(piece)).toBeLessThanOrEqual(1000);
    const speeds = cut.flatMap((piece) => [...piece.gnss.speed]);
    expect(speeds).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
