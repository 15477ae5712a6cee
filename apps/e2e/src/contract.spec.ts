import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Contract, contractOf } from './contract.ts';

let contract: Contract;
beforeAll(async () => {
  contract = await contractOf(inject('url'));
});

const activity = { id: 1, name: 'Match', json: { sport: 'soccer' }, json_schema: 1, owner: 2 };
const page = { count: 1, page: 1, next: null, previous: null, results: [activity] };
const check = (path: string, status: number, body: unknown, method = 'GET') =>
  contract.check({
    method,
    path,
    status,
    contentType: 'application/json; charset=utf-8',
    text: body === undefined ? '' : JSON.stringify(body),
  });

describe('an answer is held to the served document', () => {
  it('passes when it is declared, below each base path', () => {
    check('/api/v1/activities/', 200, page);
    check('/v1/activities/1/', 200, activity);
    check('/api/activities/', 200, [activity]);
    check('/api/v1/activities/1/', 204, undefined, 'DELETE');
    check('/healthz', 200, { status: 'ok' });
    check('/api/v1/nothing/', 404, { detail: 'Not found' });
  });

  it('fails for a status that the operation does not declare', () => {
    expect(() => check('/api/v1/activities/1/', 418, { detail: 'A teapot' })).toThrow(
      /answered 418.*retrieveActivity declares 200/,
    );
  });

  it('fails for a missing, a further and a mistyped field, and names it', () => {
    const { owner: _, ...ownerless } = activity;
    expect(() => check('/api/v1/activities/1/', 200, ownerless)).toThrow(/owner/);
    expect(() => check('/api/v1/activities/1/', 200, { ...activity, extra: 1 })).toThrow(/extra/);
    expect(() => check('/api/v1/activities/', 200, { ...page, results: [{ ...activity, id: 'x' }] })).toThrow(
      /\/results\/0\/id/,
    );
  });

  it('fails for a bare array where lists are enveloped', () => {
    expect(() => check('/api/v1/activities/', 200, [activity])).toThrow(/must be object/);
  });

  it('fails for a success of an operation that is not there, and for a body where none is declared', () => {
    expect(() => check('/api/v1/nothing/', 200, {})).toThrow(/no such operation/);
    expect(() => check('/api/v1/activities/1/', 204, {}, 'DELETE')).toThrow(/declares no body/);
  });
});
