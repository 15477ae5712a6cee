import { expect, it } from 'vitest';
import { ownedThroughout, ownedWithin, ownershipAt, type Ownership } from './ownership.ts';

const ownerships: Ownership[] = [
  { id: 1, manager: 2, startMs: 10, endMs: 20 },
  { id: 2, manager: 3, startMs: 20, endMs: 30 },
  { id: 3, manager: 2, startMs: 40, endMs: 50 },
  { id: 4, manager: 2, startMs: 50 },
];

it('finds the owner at a time, the end being outside', () => {
  expect(ownershipAt(ownerships, 19)?.id).toBe(1);
  expect(ownershipAt(ownerships, 20)?.id).toBe(2);
  expect(ownershipAt(ownerships, 35)).toBeUndefined();
  expect(ownershipAt(ownerships, 9_999)?.id).toBe(4);
});

it('clips what a manager owned to the window and joins what touches', () => {
  expect(ownedWithin(ownerships, 2, { startMs: 15, endMs: 60 })).toEqual([
    { startMs: 15, endMs: 20 },
    { startMs: 40, endMs: 60 },
  ]);
  expect(ownedWithin(ownerships, 9, { startMs: 0, endMs: 60 })).toEqual([]);
});

it('says whether he owned the device over the whole window, the future included', () => {
  expect(ownedThroughout(ownerships, 2, { startMs: 10, endMs: 20 })).toBe(true);
  expect(ownedThroughout(ownerships, 2, { startMs: 10, endMs: 21 })).toBe(false);
  expect(ownedThroughout(ownerships, 2, { startMs: 9, endMs: 20 })).toBe(false);
  expect(ownedThroughout(ownerships, 2, { startMs: 45, endMs: 1e15 })).toBe(true);
  expect(ownedThroughout(ownerships, 2, { startMs: 15, endMs: 45 })).toBe(false);
});
