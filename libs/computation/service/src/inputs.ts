import { fromBinary } from '@bufbuild/protobuf';
import { AthleteProfileSchema } from '@touchline/contracts/identity/v1/personal';
import { type KeySource, open, type Position, requireKeys } from '@touchline/event-log';
import { JSON_SCHEMAS, type Sport, type TimeFrameInput } from '@touchline/metrics';
import type { ProjectionRunner, Stored } from '@touchline/read-models';
import { activitiesModel, type AthleteFacts, athletesModel, devicesModel } from './projections/facts.ts';
import { type FrameDocument, framesModel } from './projections/frames.ts';

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
export async function birthOf(
  athlete: AthleteFacts | null,
  keys: KeySource,
): Promise<{ birthDate: string | null; changedMs: number; erased: boolean }> {
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
  readonly #projections: Pick<ProjectionRunner, 'collection'>;
  readonly #personKeys: KeySource;

  constructor(projections: Pick<ProjectionRunner, 'collection'>, personKeys: KeySource) {
    this.#projections = projections;
    this.#personKeys = personKeys;
  }

  /** The time frame's position when it is gone. */
  async of(id: number): Promise<FrameInput | { readonly gone: Position } | undefined> {
    const frames = await this.#projections.collection(framesModel);
    const found = (await frames.findOne({ _id: id })) as Stored<FrameDocument> | null;
    if (!found) return undefined;
    if (found.gone) return { gone: found.position };
    const [activity, device, birth] = await Promise.all([
      this.#projections.collection(activitiesModel).then((c) => c.findOne({ _id: found.activity })),
      this.#projections.collection(devicesModel).then((c) => c.findOne({ _id: found.device })),
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

  async athlete(id: number): ReturnType<typeof birthOf> {
    const athletes = await this.#projections.collection(athletesModel);
    return birthOf(await athletes.findOne({ _id: id }), this.#personKeys);
  }
}
