import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CommandContext,
  EventLog,
  generateKey,
  IdSequence,
  type KeyLookup,
  NameReservations,
  RESERVATION_GRACE_MS,
} from '@touchline/event-log';
import type { CreateUser } from '@touchline/identity-domain';
import { type Engines, startEngines } from '@touchline/testing/engines';
import { userEventCodec } from './event-codec.ts';
import { UserCommands, type UserCommandResult } from './execute.ts';

const secret = generateKey();
const keys = new Map<string, KeyLookup & { state: 'present' }>();
const codec = userEventCodec({
  get: async (ids) => new Map(ids.map((id) => [id, keys.get(id) ?? { state: 'unknown' }])),
  async getOrCreate(keyId) {
    const found = keys.get(keyId) ?? { state: 'present', key: generateKey() };
    keys.set(keyId, found);
    return found.key;
  },
});

let engines: Engines;
let log: EventLog;

beforeAll(async () => {
  engines = await startEngines();
  log = EventLog.connect({ url: engines.eventstoreUrl });
});

afterAll(async () => {
  await log?.close();
  await engines?.close();
});

/** One instance of the service; `aheadMs` sets its clock forward. */
function instance(aheadMs = 0): UserCommands {
  const reservations = new NameReservations(log, secret, () => Date.now() + aheadMs);
  return new UserCommands({ log, codec, ids: new IdSequence(log, 'user'), reservations });
}

function context(commandId: string = randomUUID()): CommandContext {
  return { commandId, correlationId: commandId, actor: 'service:gateway', at: Date.now() };
}

function athlete(account: { username: string; email: string; externalId?: string }) {
  return (userId: number): CreateUser => ({
    type: 'CreateAthlete',
    userId,
    account,
    profile: { firstName: 'Usain', lastName: 'Bolt' },
    credentials: { passwordHash: '$argon2id$…' },
    at: 0,
    by: 'service:gateway',
  });
}

function unique(prefix: string): string {
  return `${prefix}-${randomUUID()}@example.com`;
}

function outcome(result: UserCommandResult): string {
  if (!result.rejected) return 'created';
  return result.rejected.code === 'names_taken' ? result.rejected.fields.join(' ') : result.rejected.code;
}

async function eventsOf(userId: number): Promise<string[]> {
  const types = [];
  for await (const { type } of log.read(`user-${userId}`)) types.push(type);
  return types;
}

function idOf(result: UserCommandResult): number {
  if (result.rejected || result.state.role === 'NONE')
    throw new Error(`nobody was created: ${outcome(result)}`);
  return result.state.id;
}

/** What a writer leaves that dies between its reservation and its append. */
async function reserveAndDie(username: string, commandId: string): Promise<number> {
  const userId = await new IdSequence(log, 'user').next();
  const reservations = new NameReservations(log, secret);
  const target = { stream: `user-${userId}`, revision: 0 };
  const holds = async () => false;
  await reservations.reserve({
    kind: 'username',
    text: username,
    target,
    holds,
    context: context(commandId),
  });
  return userId;
}

describe.each(['username', 'email', 'external_id'] as const)('many who want the same %s at once', (field) => {
  it('see exactly one of them get it, in any case of its letters', async () => {
    const shared = unique('Shared');
    const wanted = Array.from({ length: 6 }, (_one, i) => {
      const text = i % 2 === 0 ? shared : shared.toUpperCase();
      const account = { username: unique('u'), email: unique('e'), externalId: unique('x') };
      const key = field === 'external_id' ? 'externalId' : field;
      return instance().create(athlete({ ...account, [key]: text }), context());
    });
    const outcomes = (await Promise.all(wanted)).map(outcome).sort();
    expect(outcomes).toEqual(['created', ...Array.from({ length: 5 }, () => field)]);
  });
});

describe('who wants names that are held', () => {
  it('hears of all of them at once and leaves his other names free', async () => {
    const commands = instance();
    const taken = { username: unique('u'), email: unique('e'), externalId: unique('x') };
    await commands.create(athlete(taken), context());
    expect(outcome(await commands.create(athlete(taken), context()))).toBe('username email external_id');
    const username = unique('free');
    expect(outcome(await commands.create(athlete({ ...taken, username }), context()))).toBe(
      'email external_id',
    );
    expect(outcome(await commands.create(athlete({ username, email: unique('e') }), context()))).toBe(
      'created',
    );
  });
});

describe('a command that is sent again', () => {
  it('creates nobody twice and answers the same', async () => {
    const commandId = randomUUID();
    const make = athlete({ username: unique('again'), email: unique('e'), externalId: unique('x') });
    const first = await instance().create(make, context(commandId));
    const second = await instance().create(make, context(commandId));
    expect(idOf(second)).toBe(idOf(first));
    expect(second).toMatchObject({ events: [], revision: 0, written: first.rejected ? [] : first.written });
    expect(await eventsOf(idOf(first))).toEqual(['identity.v1.AthleteCreated']);
  });

  it('creates one user when both are under way at once', async () => {
    const commandId = randomUUID();
    const make = athlete({ username: unique('twice'), email: unique('e') });
    const results = await Promise.all([1, 2, 3].map(() => instance().create(make, context(commandId))));
    expect(results.map(outcome)).toEqual(['created', 'created', 'created']);
    expect(new Set(results.map(idOf)).size).toBe(1);
    expect(await eventsOf(idOf(results[0]!))).toHaveLength(1);
  });

  it('goes on where it died between reservation and creation', async () => {
    const commandId = randomUUID();
    const username = unique('crashed');
    const userId = await reserveAndDie(username, commandId);
    const result = await instance().create(athlete({ username, email: unique('e') }), context(commandId));
    expect(idOf(result)).toBe(userId);
  });
});

describe('a name whose writer died between reservation and creation', () => {
  it('is refused to others while he may still come', async () => {
    const username = unique('pending');
    await reserveAndDie(username, randomUUID());
    const result = await instance().create(athlete({ username, email: unique('e') }), context());
    expect(outcome(result)).toBe('username');
  });

  it('is given to the next who wants it after that, and the dead writer comes too late', async () => {
    const username = unique('burnt');
    const commandId = randomUUID();
    const deadId = await reserveAndDie(username, commandId);
    const make = athlete({ username, email: unique('e') });
    const result = await instance(RESERVATION_GRACE_MS + 1).create(make, context());
    expect(outcome(result)).toBe('created');
    expect(idOf(result)).not.toBe(deadId);
    expect(await eventsOf(deadId)).toEqual(['log.v1.ReservationAbandoned']);
    const late = await instance().create(athlete({ username, email: unique('e') }), context(commandId));
    expect(outcome(late)).toBe('username');
  });
});

describe('a username', () => {
  it('finds its holder at once', async () => {
    const commands = instance();
    const username = unique('Found');
    expect(await commands.userNamed(username)).toBeUndefined();
    const created = await commands.create(athlete({ username, email: unique('e') }), context());
    expect(await commands.userNamed(username.toUpperCase())).toMatchObject({
      id: idOf(created),
      role: 'ATHLETE',
    });
  });
});

describe('users who change their names', () => {
  const rename = (userId: number, username: string, commands = instance()) =>
    commands.change(
      userId,
      { type: 'UpdateAthlete', account: { username }, profile: {}, at: 0, by: `user:${userId}` },
      context(),
    );
  const newAthlete = async (username = unique('u')) =>
    idOf(await instance().create(athlete({ username, email: unique('e') }), context()));

  it('to the same one at once, through several instances, leave it to exactly one', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => newAthlete()));
    const wanted = unique('Wanted');
    const results = await Promise.all(
      ids.map((id, i) => rename(id, i % 2 === 0 ? wanted : wanted.toUpperCase())),
    );
    expect(results.map(outcome).sort()).toEqual(['created', ...Array(4).fill('username')]);
    const holder = ids[results.findIndex(({ rejected }) => !rejected)];
    expect(await instance().userNamed(wanted)).toMatchObject({ id: holder });
  });

  it('may take a name that was given up, also back again', async () => {
    const [first, second] = [unique('first'), unique('second')];
    const [one, other] = [await newAthlete(first), await newAthlete()];
    expect(outcome(await rename(other, first))).toBe('username');
    expect(outcome(await rename(one, second))).toBe('created');
    expect(outcome(await rename(one, first))).toBe('created');
    expect(outcome(await rename(other, second))).toBe('created');
    expect(outcome(await rename(one, second))).toBe('username');
    expect(await instance().userNamed(first)).toMatchObject({ id: one });
    expect(await instance().userNamed(second)).toMatchObject({ id: other });
  });

  it('and are deleted, leave it to others', async () => {
    const name = unique('left');
    const id = await newAthlete(name);
    await instance().change(id, { type: 'DeleteAthlete', at: 0, by: `user:${id}` }, context());
    expect(await instance().userNamed(name)).toBeUndefined();
    expect(await newAthlete(name)).not.toBe(id);
  });

  it('or other things, through several instances, lose nothing', async () => {
    const id = await newAthlete();
    const changes = [
      { weightKg: 80 },
      { heightM: 1.9 },
      { nationality: 'Jamaica' },
      { lastName: 'Lightning' },
    ];
    await Promise.all(
      changes.map((profile) =>
        instance().change(
          id,
          { type: 'UpdateAthlete', account: {}, profile, at: 0, by: `user:${id}` },
          context(),
        ),
      ),
    );
    const { state } = await instance().load(id);
    expect(state).toMatchObject({ profile: Object.assign({ firstName: 'Usain' }, ...changes) });
  });
});
