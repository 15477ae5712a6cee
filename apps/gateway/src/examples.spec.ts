import { readFields, readQuery } from '@touchline/http';
import { expect, it } from 'vitest';
import { readFrames } from './resources/frame.ts';
import { routes } from './routes/index.ts';

const fieldExamples = routes.flatMap(({ operationId, body }) =>
  body?.kind === 'json' || body?.kind === 'form' ? [{ operationId, body }] : [],
);
const rawExamples = routes.flatMap(({ operationId, body }) =>
  body?.kind === 'raw'
    ? Object.entries(body.content).map(([mediaType, { example }]) => ({ operationId, mediaType, example }))
    : [],
);
const answerExamples = routes.flatMap(({ operationId, responses }) =>
  Object.entries(responses).flatMap(([status, { schema, example }]) =>
    schema && example !== undefined ? [{ operationId, status, schema, example }] : [],
  ),
);
const queryExamples = routes.flatMap(({ operationId, query }) =>
  Object.entries(query).flatMap(([name, { example }]) =>
    example === undefined ? [] : [{ operationId, query, name, example }],
  ),
);

it.each(fieldExamples)('$operationId takes its own example of a request', ({ body }) => {
  expect(readFields(body.schema, body.example).errors).toEqual({});
});

it.each(rawExamples)('$operationId takes its own example of $mediaType', ({ mediaType, example }) => {
  const text = typeof example === 'string' ? example : JSON.stringify(example);
  const frames = readFrames({ mediaType, text });
  expect(frames).toEqual([expect.not.objectContaining({ malformed: expect.anything() })]);
});

it.each(answerExamples)('$operationId answers its own example of $status', ({ schema, example }) => {
  expect(schema.parse(example)).toEqual(example);
});

it.each(queryExamples)('$operationId takes its own example of $name', ({ query, name, example }) => {
  const { values } = readQuery(query, new URLSearchParams([[name, example]]));
  expect(values).toHaveProperty(name);
});

it.each(routes)('$operationId declares one success', ({ responses }) => {
  const statuses = Object.keys(responses);
  const successes = statuses.filter((status) => status.startsWith('2'));
  // A form that signs in answers nothing itself, but sends its user on.
  expect(successes.length > 0 ? successes : statuses.filter((status) => status === '303')).toHaveLength(1);
});

it('has each operation once', () => {
  const names = routes.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
});
