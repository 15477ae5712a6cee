import { randomUUID } from 'node:crypto';
import type { ApiClient } from '../client/api.ts';
import { createManager, provideDevice, type SignedInManager } from '../client/manager.ts';
import type { System } from '../client/system.ts';
import { activityBody, KICK_OFF_MS, windowOf } from './operation.ts';

/** What the load writes about: a manager with an athlete, a device and an activity, and a time frame of a day. */
export interface Subject {
  readonly admin: ApiClient;
  readonly manager: SignedInManager;
  /** Another manager, who is given permissions. */
  readonly grantee: number;
  readonly device: number;
  readonly ingestToken: string;
  readonly athlete: number;
  readonly activity: number;
  /** Whose samples are those ingested. */
  readonly timeFrame: number;
}

export async function prepare(system: System): Promise<Subject> {
  const run = randomUUID();
  const manager = await createManager(system, account(run));
  const grantee = await createManager(system, account(randomUUID()));
  const { api, id } = manager;
  const device = await provideDevice(system, manager, `CHAOS-${run}`, new Date(KICK_OFF_MS).toISOString());
  const athlete = await api.post<{ id: number }>('/athletes/create-managed/', {
    managed_by: id,
    athlete_profile: { first_name: 'Ada', last_name: 'Athlete', birth_date: '1990-04-01' },
  });
  const activity = await api.post<{ id: number }>('/activities/', activityBody(`Played ${run}`, id));
  const timeFrame = await api.post<{ id: number }>('/timeframes/', {
    ...windowOf(KICK_OFF_MS, 6 * 3_600_000),
    device: device.id,
    activity: activity.id,
    athlete: athlete.id,
  });
  return {
    admin: system.admin,
    manager,
    grantee: grantee.id,
    device: device.id,
    ingestToken: device.ingestToken,
    athlete: athlete.id,
    activity: activity.id,
    timeFrame: timeFrame.id,
  };
}

const account = (run: string) => ({
  username: `chaos-${run}`,
  email: `${run}@example.com`,
  password: run,
  manager_profile: { first_name: 'Chaos', last_name: 'Manager' },
});
