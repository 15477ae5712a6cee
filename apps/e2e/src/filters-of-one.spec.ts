import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Bench, newBench } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const startTime = '2024-06-01T12:00:00Z';
let bench: Bench;
let timeFrame: number;

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom: startTime });
  const created = await bench.manager.api.ok('POST', '/api/v1/timeframes/', {
    start_time: startTime,
    end_time: '2024-06-01T13:00:00Z',
    device: bench.device,
    activity: bench.activity,
    athlete: bench.athlete,
  });
  timeFrame = created.id;
});

const cases = (): {
  path: string;
  inside: string;
  outside: string;
  ordering: string;
  unordered: string;
}[] => [
  {
    path: `/api/v1/activities/${bench.activity}/`,
    inside: 'search=MAT+tch',
    outside: 'search=match+final',
    ordering: '-name',
    unordered: 'owner',
  },
  {
    path: '/api/v1/json-schemas/12/',
    inside: 'search=soccer&type=2&parent=1',
    outside: 'search=biking',
    ordering: 'name,-type,parent',
    unordered: 'schema',
  },
  {
    path: `/api/v1/devices/${bench.device}/`,
    inside: 'search=sn-',
    outside: 'search=goalkeeper',
    ordering: 'serial_number',
    unordered: 'owner',
  },
  {
    path: `/api/v1/timeframes/${timeFrame}/`,
    inside: `activity=${bench.activity}&start_time_from=2024-06-01T14:00:00+0200`,
    outside: 'end_time_to=2024-06-01T12:59:59.999Z',
    ordering: '-start_time,activity',
    unordered: 'params',
  },
];

describe('an operation on one resource takes the filters of its list', () => {
  it('finds what lies inside, in whatever order, and not what lies outside', async () => {
    const { api } = bench.manager;
    for (const { path, inside, outside, ordering, unordered } of cases()) {
      expect((await api.call('GET', `${path}?${inside}&ordering=${ordering}`)).status, path).toBe(200);
      expect((await api.call('GET', `${path}?${outside}`)).status, path).toBe(404);
      const wrong = await api.call('GET', `${path}?ordering=${unordered}`);
      expect([wrong.status, Object.keys(wrong.body)], path).toEqual([400, ['ordering']]);
    }
  });

  it('changes and deletes nothing that lies outside', async () => {
    const { api } = bench.manager;
    for (const { path, outside } of cases().filter(({ path }) => /activities|timeframes/.test(path))) {
      const before = (await api.call('GET', path)).body;
      expect((await api.call('PUT', `${path}?${outside}`, { body: before })).status).toBe(404);
      expect((await api.call('DELETE', `${path}?${outside}`)).status).toBe(404);
      expect((await api.call('DELETE', `${path}?ordering=nothing`)).status).toBe(400);
      expect((await api.call('GET', path)).body).toEqual(before);
    }
  });

  it('puts resources in the place of ids in the answer of a change, too', async () => {
    const path = `/api/v1/timeframes/${timeFrame}/`;
    const { body } = await bench.manager.api.call('PATCH', `${path}?with_device=1&with_athlete=true`, {
      body: { params: {} },
    });
    expect(body).toMatchObject({
      device: { id: bench.device },
      athlete: { id: bench.athlete },
      activity: bench.activity,
    });
  });
});
