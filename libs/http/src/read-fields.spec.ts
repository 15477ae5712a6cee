import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { base64, choice, date, dateTime, decimal, flag, id, jsonObject, listOfText, text } from './fields.ts';
import { readFields } from './read-fields.ts';

const schema = z.object({
  name: text(),
  note: text().nullish(),
  weight: decimal().optional(),
  owner: id().optional(),
  active: flag().optional(),
  gender: choice(['M', 'F']).optional(),
  start: dateTime().optional(),
  born: date().optional(),
  params: jsonObject().optional(),
  tags: listOfText().optional(),
  picture: base64().optional(),
  profile: z.object({ first_name: text(), weight: decimal().nullish() }).optional(),
});

const errorsOf = (json: object) => readFields(schema, { name: 'n', ...json }).errors;

describe('reading the fields of a body', () => {
  it('gives the fields that came right, converted', () => {
    const { value, errors } = readFields(schema, {
      name: 'Final',
      weight: 94.5,
      owner: 1,
      active: false,
      gender: 'F',
      start: '1970-01-01T01:00:00+0100',
      born: '1986-08-21',
      params: { a: [1, { b: null }] },
      tags: ['x'],
      picture: 'AQID',
      profile: { first_name: 'Usain' },
    });
    expect(errors).toEqual({});
    expect(value).toEqual({
      name: 'Final',
      weight: 94.5,
      owner: 1,
      active: false,
      gender: 'F',
      start: 0,
      born: '1986-08-21',
      params: { a: [1, { b: null }] },
      tags: ['x'],
      picture: new Uint8Array([1, 2, 3]),
      profile: { first_name: 'Usain' },
    });
  });

  it('reports all wrong fields at once and leaves them out', () => {
    const { value, errors } = readFields(schema, {
      owner: 'x',
      active: 1,
      note: 'kept',
      profile: { weight: '7' },
    });
    expect(value).toEqual({ note: 'kept', profile: {} });
    expect(errors).toEqual({
      name: ['This field is required.'],
      owner: ['A valid integer is required.'],
      active: ['Must be a valid boolean.'],
      'profile.first_name': ['This field is required.'],
      'profile.weight': ['A valid number is required.'],
    });
  });

  it('ignores fields that it does not know', () => {
    expect(readFields(schema, { name: 'n', id: 'whatever', is_active: 3 })).toEqual({
      value: { name: 'n' },
      errors: {},
      cleared: [],
    });
  });

  it('names the fields that are null where they may be, and refuses null elsewhere', () => {
    const profile = { first_name: 'Usain', weight: null };
    expect(readFields(schema, { name: 'n', note: null, profile })).toEqual({
      value: { name: 'n', profile: { first_name: 'Usain' } },
      errors: {},
      cleared: ['note', 'profile.weight'],
    });
    expect(errorsOf({ name: null, weight: null })).toEqual({
      name: ['This field may not be null.'],
      weight: ['This field may not be null.'],
    });
  });

  it('does not take inherited properties for fields', () => {
    const inheriting = z.object({ constructor: text().optional() });
    expect(readFields(inheriting, {})).toEqual({ value: {}, errors: {}, cleared: [] });
  });

  it.each([[[]], ['text'], [5], [null]])('says of %j that it is no dictionary and what is missed', (json) => {
    expect(Object.keys(readFields(schema, json).errors)).toEqual(['non_field_errors', 'name']);
  });

  it.each([
    ['name', 5, 'Not a valid string.'],
    ['name', '\ud800', 'Not a valid string.'],
    ['name', 'a\0b', 'Null characters are not allowed.'],
    ['owner', '1', 'A valid integer is required.'],
    ['owner', 1.5, 'A valid integer is required.'],
    ['owner', 0, 'Invalid pk "0" - object does not exist.'],
    ['owner', -3, 'Invalid pk "-3" - object does not exist.'],
    ['owner', 4_294_967_296, 'Invalid pk "4294967296" - object does not exist.'],
    ['weight', '94', 'A valid number is required.'],
    ['weight', Infinity, 'A valid number is required.'],
    ['active', 'true', 'Must be a valid boolean.'],
    ['gender', 'X', '"X" is not a valid choice.'],
    ['gender', 1, 'Not a valid choice.'],
    ['born', '21.08.1986', 'Date has wrong format. Use YYYY-MM-DD, for example 1986-08-21.'],
    ['born', 19860821, 'Date has wrong format. Use YYYY-MM-DD, for example 1986-08-21.'],
    ['params', [], 'Expected a JSON object.'],
    ['params', { a: Infinity }, 'A number is out of range.'],
    ['params', { 'a\0': 1 }, 'Null characters are not allowed.'],
    ['tags', 'x', 'Expected a list of items but got type "string".'],
    ['picture', 'no base64!', 'Not valid base64.'],
    ['profile', 'x', 'Invalid data. Expected a dictionary, but got string.'],
  ])('answers for %s %j: %s', (field, given, message) => {
    expect(errorsOf({ [field]: given })).toEqual({ [field]: [message] });
  });

  it('tells a missing offset of a time from a wrong format', () => {
    expect(errorsOf({ start: '2020-02-20T12:18:29' })['start']?.[0]).toMatch(/offset is missing/);
    expect(errorsOf({ start: 'soon' })['start']?.[0]).toMatch(/wrong format/);
    expect(errorsOf({ start: 1_582_201_109 })['start']?.[0]).toMatch(/wrong format/);
  });

  it('refuses objects nested deeper than a message can be', () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
    expect(errorsOf({ params: nested(24) })).toEqual({});
    expect(errorsOf({ params: nested(25) })).toEqual({ params: ['Nested deeper than 24 levels.'] });
  });
});
