import { describe, expect, it } from 'vitest';

import {
  isSoftDeleted,
  parseStreamMetadata,
  SOFT_DELETE_METADATA,
  undeletedMetadata,
  visibleRange,
} from './stream-metadata.ts';

describe('the metadata of a stream', () => {
  it('limits by count, age in seconds and truncation', () => {
    expect(parseStreamMetadata('{"$maxCount":3,"$maxAge":60,"$tb":7,"$cacheControl":1,"own":{}}')).toEqual({
      maxCount: 3,
      maxAgeMs: 60_000,
      truncateBefore: 7,
    });
  });

  it.each([
    '',
    'nonsense',
    '[]',
    'null',
    '7',
    '{"$maxCount":0,"$maxAge":-1,"$tb":"x"}',
    '{"$tb":null}',
    '{"$maxCount":1e999}',
  ])('limits nothing when it is %s', (json) => {
    expect(parseStreamMetadata(json)).toEqual({});
  });

  it('tells a softly deleted stream from one that is truncated far beyond its end', () => {
    expect(isSoftDeleted(parseStreamMetadata(SOFT_DELETE_METADATA))).toBe(true);
    expect(isSoftDeleted(parseStreamMetadata(`{"$tb":${Number.MAX_SAFE_INTEGER}}`))).toBe(false);
    expect(isSoftDeleted({})).toBe(false);
  });

  it('keeps what else was set when the stream comes back', () => {
    expect(JSON.parse(undeletedMetadata('{"$tb":9223372036854775807,"colour":"red"}', 4))).toEqual({
      $tb: 4,
      colour: 'red',
    });
    expect(JSON.parse(undeletedMetadata('nonsense', 4))).toEqual({ $tb: 4 });
  });

  it('shows what all its limits let pass', () => {
    expect(visibleRange({}, 9, 5000)).toEqual({ firstRevision: 0, createdSinceMs: 0 });
    expect(visibleRange({ maxCount: 3, truncateBefore: 5, maxAgeMs: 1000 }, 9, 5000)).toEqual({
      firstRevision: 7,
      createdSinceMs: 4000,
    });
    expect(visibleRange({ maxCount: 30, truncateBefore: 5 }, 9, 5000)).toEqual({
      firstRevision: 5,
      createdSinceMs: 0,
    });
  });
});
