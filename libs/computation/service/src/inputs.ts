import { fromBinary } from '@bufbuild/protobuf';
import { AthleteProfileSchema } from '@touchline/contracts/identity/v1/personal';
import { type KeySource, open, type Position, requireKeys, together } from '@touchline/event-log';
import { JSON_SCHEMAS, type Sport, type TimeFrameInput } from '@touchline/metrics';
import { DocumentsById, type ProjectionRunner, type Stored } from '@touchline/read-models';
import {
  activitiesModel,
  type ActivityFacts,
  type AthleteFacts,
  athletesModel,
  type DeviceFacts,
  devicesModel,
} from './projections/facts.ts';
import { type DeletedActivity, type FrameDocument, framesModel } from './projections/frames.ts';

/** [startMs, endMs) */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Everything that decides the document of a time frame but its samples. */
export interface FrameInput {
  readonly id: number;
  readonly device: number;
  /** Where samples count: the window inside ownerships of the device by the time frame's owner. */
  readonly intervals: readonly Interval[];
  readonly metrics: TimeFrameInput;
  /** The greatest log time among the events behind all this. */
  readonly changedMs: number;
  /** Of the last event that touched the time frame. */
  readonly position: Position;
  /** The athlete has been erased: the document of an empty recording is all there is. */
  readonly erased: boolean;
}

export const sportOf = (jsonSchema: number): Sport => {
  const found = JSON_SCHEMAS.find(({ id }) => id === jsonSchema);
  if (!found) throw new Error(`There is no JSON schema ${jsonSchema}.`);
  return found.sport;
};

type Params = NonNullable<TimeFrameInput['params']>;

/** What is known of an athlete's birth: null when it is unknown or erased. */
interface Birth {
  readonly birthDate: string | null;
  readonly changedMs: number;
  readonly erased: boolean;
}

export async function birthOf(athlete: AthleteFacts | null, keys: KeySource): Promise<Birth> {
  if (athlete?.deleted) return { birthDate: null, changedMs: 0, erased: true };
  if (!athlete?.profile) return { birthDate: null, changedMs: 0, erased: false };
  const { keyId, nonce, ciphertext } = athlete.profile;
  const key = (await requireKeys(keys, [keyId])).get(keyId);
  if (!key) return { birthDate: null, changedMs: 0, erased: true };
  const sealed = {
    keyId,
    nonce: Buffer.from(nonce, 'base64'),
    ciphertext: Buffer.from(ciphertext, 'base64'),
  };
  const { birthDate } = fromBinary(AthleteProfileSchema, open(key, sealed, athlete.stream));
  return { birthDate: birthDate ?? null, changedMs: birthDate ? athlete.changedMs : 0, erased: false };
}

/** Gathers the inputs of time frames from the projected facts. Throws MongoError, RpcError and KeysUnknown. */
export class Inputs {
  readonly #frames: DocumentsById<FrameDocument | DeletedActivity>;
  readonly #activities: DocumentsById<ActivityFacts>;
  readonly #devices: DocumentsById<DeviceFacts>;
  readonly #athletes: DocumentsById<AthleteFacts>;
  /** A team's time frames are computed together, and one may have many: each profile is opened once. */
  readonly #births: (athlete: number) => Promise<{ birth: Promise<Birth> }>;

  constructor(projections: Pick<ProjectionRunner, 'collection'>, personKeys: KeySource) {
    this.#frames = new DocumentsById(projections, framesModel);
    this.#activities = new DocumentsById(projections, activitiesModel);
    this.#devices = new DocumentsById(projections, devicesModel);
    this.#athletes = new DocumentsById(projections, athletesModel);
    this.#births = together(async (asked) => {
      const ids = [...new Set(asked)];
      const athletes = await Promise.all(ids.map((id) => this.#athletes.get(id)));
      const births = new Map(ids.map((id, i) => [id, { birth: birthOf(athletes[i] ?? null, personKeys) }]));
      // Each fails for those who asked about him.
      for (const { birth } of births.values()) birth.catch(() => undefined);
      return asked.map((id) => births.get(id)!);
    });
  }

  /** The time frame's position when it is gone. */
  async of(id: number): Promise<FrameInput | { readonly gone: Position } | undefined> {
    const found = (await this.#frames.get(id)) as Stored<FrameDocument> | null;
    if (!found) return undefined;
    if (found.gone) return { gone: found.position };
    const [activity, device, birth] = await Promise.all([
      this.#activities.get(found.activity),
      this.#devices.get(found.device),
      this.athlete(found.athlete),
    ]);
    if (!activity || activity.gone) return { gone: found.position };
    const owned = (device?.ownerships ?? []).filter(
      ({ manager, startMs, endMs }) =>
        manager === found.owner && startMs < found.endMs && (endMs ?? Infinity) > found.startMs,
    );
    return {
      id,
      device: found.device,
      intervals: owned.map(({ startMs, endMs }) => ({
        startMs: Math.max(startMs, found.startMs),
        endMs: Math.min(endMs ?? Infinity, found.endMs),
      })),
      metrics: {
        sport: sportOf(activity.jsonSchema),
        window: { startMs: found.startMs, endMs: found.endMs },
        activityParams: JSON.parse(activity.json) as Params,
        params: JSON.parse(found.params) as Params,
        birthDate: birth.birthDate,
      },
      changedMs: Math.max(
        found.changedMs,
        activity.changedMs,
        birth.changedMs,
        ...owned.map(({ changedMs }) => changedMs),
      ),
      position: found.position,
      erased: birth.erased,
    };
  }

  async athlete(id: number): Promise<Birth> {
    return (await this.#births(id)).birth;
  }
}
