import { describe, expect, it } from 'vitest';
import { queryChoice, queryDate, queryDateTime, queryFlag, queryId, queryText, readQuery } from './query.ts';

const d = { description: '' };
const fields = {
  name: queryText(d),
  owner: queryId(d),
  current: queryFlag(d),
  gender: queryChoice(['M', 'F'], d),
  born: queryDate(d),
  from: queryDateTime(d),
};
const read = (query: string) => readQuery(fields, new URLSearchParams(query));

describe('reading query parameters', () => {
  it('ignores unknown and empty ones', () => {
    expect(read('unknown=1&name=&owner=')).toEqual({ values: {}, errors: {} });
  });

  it('takes the last of several that is not empty', () => {
    expect(read('name=a&name=b&name=').values).toEqual({ name: 'b' });
  });

  it.each([
    ['true', true],
    ['True', true],
    ['1', true],
    ['FALSE', false],
    ['0', false],
  ])('reads the boolean %s', (text, value) => {
    expect(read(`current=${text}`).values).toEqual({ current: value });
  });

  it.each([
    ['12', 12],
    ['12.0', 12],
    ['0', 0],
    ['-1', 0],
    ['1.5', 0],
    ['99999999999999999999', 0],
  ])('compares with the id %s as %d', (text, value) => {
    expect(read(`owner=${text}`).values).toEqual({ owner: value });
  });

  it('takes a space in a date-time for a plus', () => {
    expect(read('from=1970-01-01T01:00:00+0100').values).toEqual({ from: 0 });
    expect(read('from=1970-01-01T01%3A00%3A00%2B0100').values).toEqual({ from: 0 });
  });

  it('reports every wrong one', () => {
    expect(read('owner=x&current=yes&gender=Q&born=1.1.99&from=2020-01-01T00:00:00').errors).toEqual({
      owner: ['Enter a number.'],
      current: ['Must be a valid boolean.'],
      gender: ['Select a valid choice. Q is not one of the available choices.'],
      born: [expect.stringMatching(/^Date has wrong format/)],
      from: [expect.stringMatching(/offset is missing/)],
    });
  });

  it('misses a required one', () => {
    const required = { start: queryDateTime({ description: '', required: true }) };
    expect(readQuery(required, new URLSearchParams('start=')).errors).toEqual({
      start: ['This field is required.'],
    });
  });
});
