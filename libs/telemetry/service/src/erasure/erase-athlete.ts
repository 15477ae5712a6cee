import { AthleteDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { decodeMessage, type StoredEvent } from '@touchline/event-log';
import type { ProjectionRunner } from '@touchline/read-models';
import { wornDays } from '@touchline/telemetry-domain';
import type { Collection, Db } from 'mongodb';
import type { Devices } from '../devices.ts';
import type { DayWriters } from '../ingest/day-writers.ts';
import type { DeviceQueries } from '../queries.ts';
import { wornDevices, type WornDevice } from '../worn-devices.ts';
import { eraseDay, type EraseDayDependencies } from './erase-day.ts';

export interface AthleteErasureDependencies extends EraseDayDependencies {
  readonly state: Db;
  readonly devices: Pick<Devices, 'load'>;
  readonly queries: Pick<DeviceQueries, 'wearingsAround'>;
  readonly projections: Pick<ProjectionRunner, 'waitFor'>;
  readonly writers: Pick<DayWriters, 'forget'>;
}

/** What is to be erased for a deletion: decided once, whatever happens to time frames before it is done. */
interface Plan {
  /** The event's id. */
  _id: string;
  worn: WornDevice[];
}

export const ATHLETE_DELETED = AthleteDeletedSchema.typeName;

/** Makes what a deleted athlete recorded unreadable for good, device-day by device-day, and nothing else. */
export class AthleteErasure {
  readonly #deps: AthleteErasureDependencies;
  readonly #plans: Collection<Plan>;

  constructor(deps: AthleteErasureDependencies) {
    this.#deps = deps;
    this.#plans = deps.state.collection<Plan>('erasures');
  }

  /** Again does no harm; what was broken off goes on where it was. @throws EventLogError, KeysUnknown, MongoError */
  async handle(event: StoredEvent, signal: AbortSignal): Promise<void> {
    const cause = { id: event.id, correlationId: event.metadata.correlation_id };
    for (const { device, intervals } of (await this.#plan(event, signal)).worn) {
      for (const [stream, ofDay] of wornDays(device, intervals, this.#deps.now())) {
        await eraseDay(this.#deps, { deviceId: device, stream, intervals: ofDay, cause }, signal);
        this.#deps.writers.forget(stream);
      }
    }
    await this.#plans.deleteOne({ _id: event.id });
  }

  async #plan(event: StoredEvent, signal: AbortSignal): Promise<Plan> {
    const made = await this.#plans.findOne({ _id: event.id });
    if (made) return made;
    const { projections, queries, devices } = this.#deps;
    const { userId } = decodeMessage(AthleteDeletedSchema, event);
    await projections.waitFor([{ eventType: event.type, position: event.position }], signal);
    const worn = await wornDevices(userId, { queries, devices });
    // Another instance may have been faster: its plan is the one, then.
    await this.#plans.updateOne({ _id: event.id }, { $setOnInsert: { worn } }, { upsert: true });
    return (await this.#plans.findOne({ _id: event.id })) ?? { _id: event.id, worn };
  }
}
