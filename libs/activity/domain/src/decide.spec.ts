import { describe, expect, it } from 'vitest';
import type { ActivityCommand, TimeFrameCommand } from './commands.ts';
import { decideActivity, decideTimeFrame, sameJson } from './decide.ts';
import type { ActivityEvent, ActivityFields, TimeFrameEvent, TimeFrameFields } from './events.ts';
import { evolveActivity, evolveTimeFrame, initialActivity, initialTimeFrame } from './state.ts';

const issued = { at: 1_700_000_000_000, by: 'user:3' };
const match: ActivityFields = { name: 'Match', owner: 3, json: { sport: 'soccer' }, jsonSchema: 1 };
const created: ActivityEvent = { type: 'ActivityCreated', activityId: 5, ...match };
const givenActivity = (...events: ActivityEvent[]) => events.reduce(evolveActivity, initialActivity);

describe('an activity', () => {
  const create: ActivityCommand = { ...issued, type: 'CreateActivity', activityId: 5, fields: match };

  it('is created with its fields', () => {
    expect(decideActivity(create, givenActivity())).toEqual([created]);
  });

  it('is created once when the command is repeated', () => {
    expect(decideActivity(create, givenActivity(created))).toEqual([]);
  });

  it('refuses creation with other fields under a taken id', () => {
    const other: ActivityCommand = { ...create, fields: { ...match, name: 'Training' } };
    expect(decideActivity(other, givenActivity(created))).toEqual({ rejected: { code: 'activity_exists' } });
  });

  it('records an update that changes something, and none that does not', () => {
    const fields = { ...match, name: 'Cup match' };
    expect(decideActivity({ ...issued, type: 'UpdateActivity', fields }, givenActivity(created))).toEqual([
      { type: 'ActivityUpdated', activityId: 5, ...fields },
    ]);
    expect(
      decideActivity({ ...issued, type: 'UpdateActivity', fields: match }, givenActivity(created)),
    ).toEqual([]);
  });

  it('cannot be updated once deleted', () => {
    const deleted: ActivityEvent = { type: 'ActivityDeleted', activityId: 5 };
    const update: ActivityCommand = { ...issued, type: 'UpdateActivity', fields: match };
    expect(decideActivity(update, givenActivity(created, deleted))).toEqual({
      rejected: { code: 'activity_missing' },
    });
  });

  it('is deleted once, however often it is asked', () => {
    const remove: ActivityCommand = { ...issued, type: 'DeleteActivity' };
    expect(decideActivity(remove, givenActivity(created))).toEqual([
      { type: 'ActivityDeleted', activityId: 5 },
    ]);
    expect(
      decideActivity(remove, givenActivity(created, { type: 'ActivityDeleted', activityId: 5 })),
    ).toEqual([]);
    expect(decideActivity(remove, givenActivity())).toEqual({ rejected: { code: 'activity_missing' } });
  });
});

describe('a time frame', () => {
  const half: TimeFrameFields = {
    owner: 3,
    device: 7,
    athlete: 12,
    activity: 5,
    startMs: 1_700_000_000_000,
    endMs: 1_700_002_700_000,
    params: {},
    jsonSchema: 12,
  };
  const frameCreated: TimeFrameEvent = { type: 'TimeFrameCreated', timeFrameId: 42, ...half };
  const given = (...events: TimeFrameEvent[]) => events.reduce(evolveTimeFrame, initialTimeFrame);
  const create: TimeFrameCommand = { ...issued, type: 'CreateTimeFrame', timeFrameId: 42, fields: half };

  it('is created with its fields, once', () => {
    expect(decideTimeFrame(create, given())).toEqual([frameCreated]);
    expect(decideTimeFrame(create, given(frameCreated))).toEqual([]);
  });

  it('is created after an abandoned reservation took the first revision', () => {
    expect(
      decideTimeFrame(create, given({ type: 'ReservationAbandoned', reservation: 'wearing-7' })),
    ).toEqual([frameCreated]);
  });

  it('records an update that changes something, and none that does not', () => {
    const fields = { ...half, endMs: half.endMs + 1 };
    expect(decideTimeFrame({ ...issued, type: 'UpdateTimeFrame', fields }, given(frameCreated))).toEqual([
      { type: 'TimeFrameUpdated', timeFrameId: 42, ...fields },
    ]);
    expect(
      decideTimeFrame({ ...issued, type: 'UpdateTimeFrame', fields: half }, given(frameCreated)),
    ).toEqual([]);
  });

  it('names its activity when it is deleted', () => {
    expect(decideTimeFrame({ ...issued, type: 'DeleteTimeFrame' }, given(frameCreated))).toEqual([
      { type: 'TimeFrameDeleted', timeFrameId: 42, activity: 5 },
    ]);
  });

  it('stays deleted', () => {
    const state = given(frameCreated, { type: 'TimeFrameDeleted', timeFrameId: 42, activity: 5 });
    expect(decideTimeFrame({ ...issued, type: 'DeleteTimeFrame' }, state)).toEqual([]);
    expect(decideTimeFrame({ ...issued, type: 'UpdateTimeFrame', fields: half }, state)).toEqual({
      rejected: { code: 'time_frame_missing' },
    });
  });
});

describe('equality of JSON values', () => {
  it('passes by the order of keys but not of list elements', () => {
    expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
  });

  it('tells missing keys from null and lists from objects', () => {
    expect(sameJson({ a: null }, {})).toBe(false);
    expect(sameJson({ a: null }, { b: null })).toBe(false);
    expect(sameJson([], {})).toBe(false);
  });
});
