import { isFieldSet } from '@bufbuild/protobuf';
import {
  type UpdateTimeFrameRequest,
  UpdateTimeFrameRequestSchema,
} from '@touchline/contracts/activity/v1/service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asked, calls } from './testing/recorded.ts';
import { at } from './testing/services.ts';
import { TestSystem } from './testing/system.ts';

const system = new TestSystem();
const send: TestSystem['send'] = (...sent) => system.send(...sent);
let manager = '';

beforeAll(async () => {
  await system.start();
  manager = await system.tokenOf(1);
});
afterAll(() => system.stop());
beforeEach(() => system.reset());

describe('activities and time frames', () => {
  it('show a resource in the place of its id when asked', async () => {
    const { body } = await send('GET', '/api/v1/timeframes/42/?with_athlete=1', { as: manager });
    expect(body).toMatchObject({
      start_time: '2022-02-20T12:18:29+0000',
      params: { splitName: 'first half' },
      device: 7,
      athlete: { id: 12, athlete_profile: { first_name: 'Usain' } },
    });
  });

  it('are changed by what is named alone', async () => {
    const json = { end_time: '2022-02-20T14:00:00Z', unknown: 1 };
    expect((await send('PATCH', '/api/v1/timeframes/42/', { as: manager, json })).status).toBe(200);
    const request = asked('updateTimeFrame')[0]?.request as UpdateTimeFrameRequest;
    const sent = UpdateTimeFrameRequestSchema.fields.filter((field) => isFieldSet(request, field));
    expect(sent.map(({ localName }) => localName)).toEqual(['timeFrame', 'endTime', 'filter', 'expand']);
    expect(request.endTime).toMatchObject(at('2022-02-20T14:00:00Z'));
  });

  it('are not deleted when a filter is wrong', async () => {
    expect(await send('DELETE', '/api/v1/activities/5/?owner=me', { as: manager })).toMatchObject({
      status: 400,
      body: { owner: ['Enter a number.'] },
    });
    expect(calls.map(({ method }) => method)).toEqual(['getActivity']);
    expect((await send('DELETE', '/api/v1/activities/5/?owner=1', { as: manager })).status).toBe(204);
  });

  it('answer computed data as it was written', async () => {
    const { text } = await send('GET', '/api/timeframes/42/computed/', { as: manager });
    expect(text).toBe('{"total_distance":1.50,"extensions":{"status":"pending"}}');
    expect((await send('GET', '/api/v1/activities/5/computed/', { as: manager })).text).toBe(
      '[{"timeframe":42,"data":{"a":1}},{"timeframe":43,"data":{"a":2}}]',
    );
  });
});

describe('samples', () => {
  const path = '/api/v1/devices/7/preprocessed/';

  it('are taken from a device, and what is malformed is named', async () => {
    const json = [{ ecg: { timestamp: 1, hr: 60 } }, { ecg: { timestamp: 'x' } }];
    expect(await send('POST', path, { as: 'tli_good', json })).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        duplicates: 1,
        rejected: [{ index: 1, reason: 'ecg.timestamp is no number but a string.' }],
      },
    });
    expect(calls.map(({ method }) => method)).toEqual(['ingest']);
    expect(calls[0]?.context.caller).toEqual({ kind: 'ingest-token', token: 'tli_good' });
    const lines = { 'content-type': 'application/x-ndjson' };
    expect((await send('POST', path, { as: manager, headers: lines, body: '{}\n{}\n' })).status).toBe(202);
  });

  it('are not taken with a token that telemetry does not know', async () => {
    expect(await send('POST', path, { as: 'tli_bad', json: [] })).toMatchObject({
      status: 401,
      body: { detail: 'Invalid token.' },
    });
    expect((await send('POST', path, { json: [] })).status).toBe(401);
  });

  it('are listed as rows, or as CSV', async () => {
    const window = `${path}?start=2024-05-01T00:00:00%2B0000&stop=2024-05-02T00:00:00+0000&limit=2`;
    const { body } = await send('GET', window, { as: manager });
    expect(body).toMatchObject({ count: 3, page: 1, next: 2 });
    expect(body.results[0]).toMatchObject({ 'ecg.timestamp': 1000, 'ecg.hr': 60, 'gnss.timestamp': null });
    expect(calls[0]?.request).toMatchObject({
      startTime: at('2024-05-01T00:00:00Z'),
      stopTime: at('2024-05-02T00:00:00Z'),
      page: 1,
      limit: 2,
    });
    const csv = await send('GET', window, { as: manager, headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.split('\r\n')).toHaveLength(4);
    expect((await send('GET', path, { as: manager })).body).toEqual({
      start: ['This field is required.'],
      stop: ['This field is required.'],
    });
  });
});
