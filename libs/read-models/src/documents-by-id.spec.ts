import { expect, it } from 'vitest';
import { DocumentsById } from './documents-by-id.ts';
import type { ProjectionRunner } from './projection-runner.ts';
import type { ReadModel } from './read-model.ts';

interface Item {
  _id: number;
  name: string;
}

const model: ReadModel<Item> = {
  name: 'items',
  consumes: [],
  indexes: [],
  documentIds: () => [],
  project: () => undefined,
};

it('asks for what is wanted at once with one query, for each id once', async () => {
  const asked: number[][] = [];
  const stored = [
    { _id: 1, name: 'one', position: 'p' },
    { _id: 2, name: 'two', position: 'q' },
  ];
  const find = ({ _id: { $in } }: { _id: { $in: number[] } }) => {
    asked.push($in);
    return { toArray: () => Promise.resolve(stored.filter(({ _id }) => $in.includes(_id)).reverse()) };
  };
  const projections = { collection: () => Promise.resolve({ find }) } as unknown as ProjectionRunner;
  const items = new DocumentsById(projections, model);
  const found = await Promise.all([1, 2, 3, 1, 2].map(items.get));
  expect(found.map((item) => item?.name)).toEqual(['one', 'two', undefined, 'one', 'two']);
  expect(found[2]).toBeNull();
  expect(asked).toEqual([[1, 2, 3]]);
});
