import { expect, it } from 'vitest';
import * as policy from './policy.ts';

const athlete: policy.Actor = { role: 'ATHLETE', userId: 12 };
const owner: policy.Actor = { role: 'MANAGER', userId: 3 };
const otherManager: policy.Actor = { role: 'MANAGER', userId: 4 };
const admin: policy.Actor = { role: 'ADMIN', userId: 1 };
const anonymous: policy.Actor = { role: 'ANONYMOUS' };

const may = (allowed: (actor: policy.Actor) => boolean) => ({
  anonymous: allowed(anonymous),
  athlete: allowed(athlete),
  owner: allowed(owner),
  otherManager: allowed(otherManager),
  admin: allowed(admin),
});
const managers = { anonymous: false, athlete: false, owner: true, otherManager: true, admin: true };
const onlyOwner = { anonymous: false, athlete: false, owner: true, otherManager: false, admin: true };
const manage = (actor: policy.Actor) => policy.mayManage(actor, 3);

it.each([
  ['listJsonSchemas', policy.mayReadJsonSchemas, managers],
  ['retrieveJsonSchema', policy.mayReadJsonSchemas, managers],
  ['listActivities', policy.mayList, managers],
  ['createActivity', policy.mayCreate, managers],
  ['retrieveActivity', manage, onlyOwner],
  ['updateActivity', manage, onlyOwner],
  ['deleteActivity', manage, onlyOwner],
  ['listTimeFrames', policy.mayList, managers],
  ['createTimeFrame', policy.mayCreate, managers],
  ['retrieveTimeFrame', manage, onlyOwner],
  ['updateTimeFrame', manage, onlyOwner],
  ['partialUpdateTimeFrame', manage, onlyOwner],
  ['deleteTimeFrame', manage, onlyOwner],
])('%s is open to just those whom the contract names', (_operationId, allowed, expected) => {
  expect(may(allowed)).toEqual(expected);
});

it('lists a manager his own resources and an ADMIN all', () => {
  expect(policy.ownerOfList(owner)).toBe(3);
  expect(policy.ownerOfList(admin)).toBeUndefined();
});

it('lets a manager name only himself as the owner', () => {
  expect(policy.mayNameOwner(owner, 3)).toBe(true);
  expect(policy.mayNameOwner(owner, 4)).toBe(false);
  expect(policy.mayNameOwner(athlete, 12)).toBe(false);
  expect(policy.mayNameOwner(admin, 3)).toBe(true);
});
