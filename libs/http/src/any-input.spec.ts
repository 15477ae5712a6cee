import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { base64, choice, date, dateTime, decimal, flag, id, jsonObject, listOfText, text } from './fields.ts';
import { readListQuery } from './list.ts';
import { queryChoice, queryDate, queryDateTime, queryFlag, queryId, queryText, readQuery } from './query.ts';
import { readFields } from './read-fields.ts';
import { formatDateTime, parseDateTime } from './times.ts';

const body = z.object({
  text: text(),
  id: id(),
  decimal: decimal().nullish(),
  flag: flag(),
  choice: choice(['a', 'b']),
  dateTime: dateTime(),
  date: date(),
  json: jsonObject(),
  list: listOfText().optional(),
  base64: base64().optional(),
  nested: z.object({ text: text(), id: id().optional() }),
});
const d = { description: '' };
const query = {
  text: queryText(d),
  id: queryId(d),
  flag: queryFlag(d),
  choice: queryChoice(['a', 'b'], d),
  date: queryDate(d),
  dateTime: queryDateTime(d),
};

const value = fc.oneof(fc.jsonValue(), fc.constantFrom('2020-02-20T12:18:29Z', 'AQID', 'a', 1, true));
const anyBody = fc.oneof(
  fc.jsonValue(),
  fc.record(Object.fromEntries(Object.keys(body.shape).map((name) => [name, value])), { requiredKeys: [] }),
);

it('reads any JSON value, and each field either comes right, is named or is optional', () => {
  fc.assert(
    fc.property(anyBody, (json) => {
      const { value, errors } = readFields(body, json);
      for (const [name, field] of Object.entries(body.shape)) {
        const named = Object.keys(errors).some((error) => error === name || error.startsWith(`${name}.`));
        expect(Object.hasOwn(value, name) || named || field.isOptional()).toBe(true);
      }
      for (const messages of Object.values(errors)) expect(messages.length).toBeGreaterThan(0);
    }),
  );
});

it('reads any query string', () => {
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(query), 'page', 'limit', 'ordering', 'search'),
    fc.string(),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer().map(String),
    fc.constantFrom('a', '-a', 'true'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text)), (pairs) => {
      const parameters = new URLSearchParams(pairs);
      const { values, errors } = readQuery(query, parameters);
      for (const known of Object.keys(values)) expect(errors).not.toHaveProperty([known]);
      const { list } = readListQuery({ ordering: ['a'], searchable: true }, parameters, false);
      expect(list.page).toBeGreaterThanOrEqual(1);
      expect(list.limit).toBeGreaterThanOrEqual(1);
      expect(list.limit).toBeLessThanOrEqual(3000);
    }),
  );
});

it('reads every time that it writes', () => {
  const anyMs = fc.integer({
    min: Date.parse('0001-01-01T00:00:00Z'),
    max: Date.parse('9999-12-31T23:59:59Z'),
  });
  fc.assert(
    fc.property(anyMs, (atMs) => {
      expect(parseDateTime(formatDateTime(atMs))).toBe(atMs);
    }),
  );
});
