import { HttpError, json, type Reply } from '@touchline/http';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GatewayCall } from './gateway-call.ts';
import { commandIdOf, once } from './idempotency.ts';
import { MemoryIdempotencyStore } from './testing/memory-idempotency-store.ts';

let store: MemoryIdempotencyStore;
let nowMs: number;
let runs: number;
beforeEach(() => {
  store = new MemoryIdempotencyStore();
  nowMs = 1_700_000_000_000;
  runs = 0;
});

const call = (id: number) => ({ caller: { kind: 'user', id, role: 'MANAGER' } }) as GatewayCall;
const answer = () => Promise.resolve(json(201, { id: (runs += 1), name: 'secret name' }, '"0-tag"'));

function send(
  over: { key?: string; content?: string; user?: number; run?: () => Promise<Reply> } = {},
): Promise<Reply> {
  const { key = 'k-1', content = 'create', user = 3, run = answer } = over;
  // The route does not matter here.
  const request = { key, content, call: call(user), route: undefined as never };
  return once(
    store,
    () => undefined,
    () => nowMs,
  )(request, run);
}

describe('a request with an Idempotency-Key', () => {
  it('gets its first answer again, whole, and is carried out once', async () => {
    const first = await send();
    expect(await send()).toEqual({ ...first, headers: { 'Idempotency-Replayed': 'true' } });
    expect(runs).toBe(1);
  });

  it('is another request under the same key of another caller', async () => {
    await send();
    await send({ user: 4 });
    expect(runs).toBe(2);
  });

  it('is refused with 422 when the key came with another body', async () => {
    await send();
    await expect(send({ content: 'create something else' })).rejects.toMatchObject({ status: 422 });
  });

  it('is refused with 409 and Retry-After while the first is under way', async () => {
    const first = Promise.withResolvers<Reply>();
    const pending = send({ run: () => first.promise });
    await expect(send()).rejects.toMatchObject({ status: 409, headers: { 'Retry-After': '1' } });
    first.resolve(json(201, { id: 7 }));
    await pending;
    expect(await send()).toMatchObject({ status: 201, body: { value: { id: 7 } } });
  });

  it.each([500, 504])('is refused with 409 once the answer was lost in a %i', async (status) => {
    await expect(send({ run: () => Promise.reject(new HttpError(status, 'x')) })).rejects.toMatchObject({
      status,
    });
    await expect(send()).rejects.toMatchObject({ status: 409 });
  });

  it.each([400, 403, 503])('may be sent again after a refusal with %i', async (status) => {
    await expect(send({ run: () => Promise.reject(new HttpError(status, 'x')) })).rejects.toMatchObject({
      status,
    });
    expect(await send()).toMatchObject({ status: 201 });
  });

  it('is forgotten after 24 hours', async () => {
    await send();
    nowMs += 24 * 3_600_000 - 1;
    await send();
    expect(runs).toBe(1);
    nowMs += 1;
    await send();
    expect(runs).toBe(2);
  });

  it('is refused with 400 when the key is too long', async () => {
    await expect(send({ key: 'x'.repeat(256) })).rejects.toMatchObject({ status: 400 });
  });
});

it('keeps neither the key nor the answer in the clear', async () => {
  await send({ key: 'the key itself' });
  const [record] = [...store.records.values()];
  const kept = JSON.stringify(record) + Buffer.from(record?.answer ?? []).toString('latin1');
  expect(kept).not.toContain('the key itself');
  expect(kept).not.toContain('secret name');
});

it('names commands of different callers differently, and those of one key alike', () => {
  expect(commandIdOf(3, 'k')).toBe(commandIdOf(3, 'k'));
  expect(
    new Set([commandIdOf(3, 'k'), commandIdOf(4, 'k'), commandIdOf(undefined, 'k'), commandIdOf(3, 'l')])
      .size,
  ).toBe(4);
});
