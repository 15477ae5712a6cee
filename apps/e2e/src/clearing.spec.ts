import { expect, inject, it } from 'vitest';
import { newManager } from './api.ts';

const [url, credentials] = [inject('url'), inject('credentials')];
const profile = {
  external_id: 'free text',
  first_name: 'Ada',
  last_name: 'Athlete',
  gender: 'F',
  weight: 60,
  height: 1.7,
  birth_date: '1996-01-01',
  nationality: 'Switzerland',
  profile_picture: Buffer.from([0xff, 0xd8, 0xff, 0xe0]).toString('base64'),
};
const { first_name, last_name, ...optional } = profile;
const names = { first_name, last_name };
const nulls = Object.fromEntries(Object.keys(optional).map((field) => [field, null]));

it("empties an athlete's optional fields that are null, and keeps those that are left out", async () => {
  const { id, api } = await newManager(url, credentials);
  const body = { managed_by: id, external_id: 'club-7', athlete_profile: profile };
  const athlete = await api.ok('POST', '/api/v1/athletes/create-managed/', body);
  const path = `/api/v1/athletes/${athlete.id}/`;
  const update = (change: object) => api.ok('PUT', `${path}update-managed/`, { managed_by: id, ...change });

  const kept = await update({ athlete_profile: names });
  expect(kept).toMatchObject({ external_id: 'club-7', athlete_profile: { id: athlete.id, ...profile } });
  const emptied = await update({ external_id: null, athlete_profile: { ...names, ...nulls } });
  expect(emptied).toMatchObject({
    external_id: null,
    athlete_profile: { id: athlete.id, ...names, ...nulls },
  });
  expect(await api.ok('GET', path)).toEqual(emptied);
  // The external id is free for another of his athletes.
  await api.ok('POST', '/api/v1/athletes/create-managed/', body);
});

it("empties a manager's optional fields that are null, and refuses null for required ones", async () => {
  const { id, username, api } = await newManager(url, credentials);
  const path = `/api/v1/managers/${id}/`;
  const account = { username, email: `${username}@example.com` };
  const full = { ...names, company: 'FC Example', phone_number: '+41 21 000 00 00' };
  await api.ok('PUT', path, { ...account, external_id: username, manager_profile: full });
  const none = { company: null, phone_number: null };
  const emptied = await api.ok('PUT', path, {
    ...account,
    external_id: null,
    manager_profile: { ...full, ...none },
  });
  expect(emptied).toMatchObject({ external_id: null, manager_profile: { id, ...names, ...none } });
  expect(await api.ok('GET', path)).toEqual(emptied);

  const refused = await api.call('PUT', path, {
    body: { username: null, email: null, manager_profile: { ...full, first_name: null } },
  });
  expect(refused.status).toBe(400);
  expect(Object.keys(refused.body).sort()).toEqual(['email', 'manager_profile.first_name', 'username']);
});
