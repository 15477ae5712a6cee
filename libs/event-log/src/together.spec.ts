import { describe, expect, it } from 'vitest';
import { together, togetherBy } from './together.ts';

function harness(max?: number) {
  const rounds: { questions: readonly number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const ask = together<number, string>((questions) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    rounds.push({ questions, answer: () => resolve(questions.map(String)), fail: reject });
    return promise;
  }, max);
  return { ask, rounds };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('questions asked together', () => {
  it('are those of one turn, or all that came while others were under way', async () => {
    const { ask, rounds } = harness();
    const answers = [ask(1), ask(2)];
    await turn();
    answers.push(ask(3), ask(4));
    await turn();
    expect(rounds.map(({ questions }) => questions)).toEqual([[1, 2]]);
    rounds[0]!.answer();
    expect(await answers[1]).toBe('2');
    await turn();
    expect(rounds.map(({ questions }) => questions)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    rounds[1]!.answer();
    expect(await Promise.all(answers)).toEqual(['1', '2', '3', '4']);
    const later = ask(5);
    await turn();
    rounds[2]!.answer();
    expect(await later).toBe('5');
  });

  it('are no more than the maximum', async () => {
    const { ask, rounds } = harness(2);
    const answers = [1, 2, 3].map(ask);
    for (let round = 0; round < 2; round += 1) {
      await turn();
      rounds[round]!.answer();
      await answers[2 * round];
    }
    expect(rounds.map(({ questions }) => questions)).toEqual([[1, 2], [3]]);
    expect(await Promise.all(answers)).toEqual(['1', '2', '3']);
  });

  it('fail together, and the next are asked all the same', async () => {
    const { ask, rounds } = harness();
    const first = ask(1);
    await turn();
    const second = ask(2);
    rounds[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await turn();
    rounds[1]!.answer();
    expect(await second).toBe('2');
  });
});

describe('questions asked together by a key', () => {
  it('are asked beside those of other keys, and as one with those of their own', async () => {
    const rounds: { key: string; questions: readonly number[]; answer: () => void }[] = [];
    const byKey = togetherBy<number, string>();
    const ask = (key: string, question: number) =>
      byKey(key, question, (questions) => {
        const { promise, resolve } = Promise.withResolvers<string[]>();
        rounds.push({ key, questions, answer: () => resolve(questions.map((number) => `${key}${number}`)) });
        return promise;
      });
    const answers = [ask('a', 1), ask('a', 2), ask('b', 3)];
    await turn();
    expect(rounds.map(({ key, questions }) => [key, questions])).toEqual([
      ['a', [1, 2]],
      ['b', [3]],
    ]);
    answers.push(ask('a', 4));
    for (const { answer } of rounds) answer();
    expect(await Promise.all(answers.slice(0, 3))).toEqual(['a1', 'a2', 'b3']);
    await turn();
    expect(rounds[2]).toMatchObject({ key: 'a', questions: [4] });
    rounds[2]!.answer();
    expect(await answers[3]).toBe('a4');
  });
});
