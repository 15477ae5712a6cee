import { expect, it } from 'vitest';
import { type Actor, mayManageWebhooks } from './policy.ts';

const callers: readonly [string, Actor, boolean][] = [
  ['anonymous callers', { role: 'ANONYMOUS' }, false],
  ['an athlete', { role: 'ATHLETE', userId: 3 }, false],
  ['another manager', { role: 'MANAGER', userId: 4 }, false],
  ['the manager who owns the activity', { role: 'MANAGER', userId: 3 }, true],
  ['an ADMIN', { role: 'ADMIN', userId: 1 }, true],
];

const operations = [
  'listWebhooks',
  'createWebhook',
  'retrieveWebhook',
  'updateWebhook',
  'deleteWebhook',
  'listDeliveries',
  'redeliver',
  'testWebhook',
];

it.each(operations.flatMap((operation) => callers.map((caller) => [operation, ...caller] as const)))(
  '%s by %s is decided by who owns the activity',
  (_operation, _who, actor, expected) => {
    expect(mayManageWebhooks(actor, 3)).toBe(expected);
  },
);
