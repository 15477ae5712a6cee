import { describe, expect, test } from 'vitest';
import { cachedKeySource, KeysUnknown, requireKeys, type KeyLookup } from './key-source.ts';

const present: KeyLookup = { state: 'present', key: new Uint8Array(32) };

function recordedSource(answers: Record<string, KeyLookup>) {
  const asked: string[][] = [];
  const get = (ids: readonly string[]) => {
    asked.push([...ids]);
    return Promise.resolve(new Map(ids.map((id) => [id, answers[id] ?? ({ state: 'unknown' } as const)])));
  };
  return { source: { get }, asked, answers };
}

describe('a cached key source', () => {
  test('asks once while an answer is fresh, and again afterwards', async () => {
    let now = 0;
    const { source, asked, answers } = recordedSource({ a: present });
    const cached = cachedKeySource(source, { ttlMs: 5_000, now: () => now });
    await cached.get(['a']);
    now = 4_999;
    expect((await cached.get(['a'])).get('a')).toEqual(present);
    expect(asked).toEqual([['a']]);
    now = 5_000;
    answers['a'] = { state: 'destroyed' };
    expect((await cached.get(['a'])).get('a')).toEqual({ state: 'destroyed' });
    expect(asked).toHaveLength(2);
  });

  test('counts the age of an answer from the question, not from its arrival', async () => {
    let now = 0;
    const { source, asked } = recordedSource({ a: present });
    const slow = { get: (ids: readonly string[]) => ((now += 4_000), source.get(ids)) };
    const cached = cachedKeySource(slow, { ttlMs: 5_000, now: () => now });
    await cached.get(['a']);
    now = 5_000;
    await cached.get(['a']);
    expect(asked).toHaveLength(2);
  });

  test('never remembers that a key is unknown', async () => {
    const { source, asked, answers } = recordedSource({});
    const cached = cachedKeySource(source);
    expect((await cached.get(['a'])).get('a')).toEqual({ state: 'unknown' });
    answers['a'] = present;
    expect((await cached.get(['a'])).get('a')).toEqual(present);
    expect(asked).toHaveLength(2);
  });

  test('makes one question of those asked at once', async () => {
    const { source, asked } = recordedSource({ a: present, b: present });
    const cached = cachedKeySource(source);
    await Promise.all([cached.get(['a']), cached.get(['b', 'a'])]);
    expect(asked).toEqual([['a', 'b']]);
  });

  test('holds no more than its maximum, dropping the oldest', async () => {
    const { source, asked } = recordedSource({ a: present, b: present, c: present });
    const cached = cachedKeySource(source, { max: 2 });
    for (const id of ['a', 'b', 'c', 'b', 'a']) await cached.get([id]);
    expect(asked).toEqual([['a'], ['b'], ['c'], ['a']]);
  });
});

describe('required keys', () => {
  test('are asked for until their owner knows them', async () => {
    const { source, asked, answers } = recordedSource({ a: present, gone: { state: 'destroyed' } });
    const late = {
      get: (ids: readonly string[]) => {
        if (asked.length === 2) answers['b'] = present;
        return source.get(ids);
      },
    };
    const keys = await requireKeys(late, ['a', 'b', 'gone', 'a']);
    expect(keys.get('a')).toBeInstanceOf(Uint8Array);
    expect(keys.get('b')).toBeInstanceOf(Uint8Array);
    expect(keys.has('gone')).toBe(true);
    expect(keys.get('gone')).toBeUndefined();
    expect(asked).toEqual([['a', 'b', 'gone'], ['b'], ['b']]);
  });

  test('that stay unknown are named at the deadline', async () => {
    const { source } = recordedSource({ a: present });
    const refused = requireKeys(source, ['a', 'b'], { deadlineMs: 30 });
    await expect(refused).rejects.toThrow(KeysUnknown);
    await expect(refused).rejects.toThrow('keys unknown to their owner: b');
  });
});
