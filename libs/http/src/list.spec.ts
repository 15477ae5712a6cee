import { describe, expect, it } from 'vitest';
import { HttpError } from './errors.ts';
import { listEnvelope, readListQuery } from './list.ts';

const rules = { ordering: ['name', 'type'], searchable: true };
const read = (query: string, bareAllowed = false) =>
  readListQuery(rules, new URLSearchParams(query), bareAllowed);

describe('reading page, limit, ordering and search', () => {
  it('has its defaults', () => {
    expect(read('')).toEqual({
      list: { page: 1, limit: 150, ordering: [], search: '', pageIsInvalid: false, bare: false },
      errors: {},
    });
  });

  it('clamps a limit that is too large and refuses one below 1', () => {
    expect(read('limit=3001').list.limit).toBe(3000);
    expect(read('limit=99999999999999999999999').list.limit).toBe(3000);
    expect(read('limit=0').errors).toEqual({ limit: ['Ensure this value is greater than or equal to 1.'] });
    expect(read('limit=-5').errors).toEqual({ limit: ['Ensure this value is greater than or equal to 1.'] });
    expect(read('limit=ten').errors).toEqual({ limit: ['A valid integer is required.'] });
  });

  it.each(['0', '-1', 'x', '1.5', '4294967296'])('knows no page %s', (page) => {
    expect(read(`page=${page}`).list.pageIsInvalid).toBe(true);
  });

  it('takes several fields to order by, each reversed by a dash', () => {
    expect(read('ordering=-name,type').list.ordering).toEqual(['-name', 'type']);
    expect(read('ordering=name,').errors).toHaveProperty('ordering');
    expect(read('ordering=--name').errors).toHaveProperty('ordering');
    expect(read('ordering=id').errors).toEqual({
      ordering: ['"id" is not a valid choice. Order by name, type; a - in front reverses.'],
    });
  });

  it('ignores an order where the operation has none', () => {
    expect(readListQuery({ ordering: [] }, new URLSearchParams('ordering=x&search=y'), false)).toMatchObject({
      list: { ordering: [], search: '' },
      errors: {},
    });
  });

  it('is bare only where that is allowed and neither page nor limit is given', () => {
    expect(read('', true).list).toMatchObject({ bare: true, page: 1, limit: 3000 });
    expect(read('page=1', true).list.bare).toBe(false);
    expect(read('limit=5', true).list.bare).toBe(false);
    expect(read('page=', true).list.bare).toBe(true);
  });
});

describe('the envelope of a list', () => {
  const page = (number: number, limit = 2) => ({ ...read('').list, page: number, limit });

  it('numbers the pages around this one', () => {
    expect(listEnvelope(page(2), 5, ['c', 'd'])).toEqual({
      count: 5,
      page: 2,
      next: 3,
      previous: 1,
      results: ['c', 'd'],
    });
    expect(listEnvelope(page(3), 5, ['e'])).toMatchObject({ next: null, previous: 2 });
  });

  it('has a first page of nothing', () => {
    expect(listEnvelope(page(1), 0, [])).toEqual({
      count: 0,
      page: 1,
      next: null,
      previous: null,
      results: [],
    });
  });

  it('has no page past the end', () => {
    expect(() => listEnvelope(page(4), 5, [])).toThrow(new HttpError(404, 'Invalid page.'));
    expect(() => listEnvelope(page(2), 0, [])).toThrow(new HttpError(404, 'Invalid page.'));
  });
});
