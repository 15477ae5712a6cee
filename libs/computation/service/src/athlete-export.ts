import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ActivityService } from '@touchline/contracts/activity/v1/service';
import type { ExportAthleteResponseSchema } from '@touchline/contracts/computation/v1/service';
import type { ProjectionRunner, ReadAudit } from '@touchline/read-models';
import type { CallOptions, Client } from '@touchline/rpc';
import { athleteSubject, timeFrameOf } from './computed-reads.ts';
import type { Documents } from './documents.ts';
import { framesModel } from './projections/frames.ts';

export interface AthleteExportDependencies {
  readonly activity: Pick<Client<typeof ActivityService>, 'findTimeFrame'>;
  readonly projections: Pick<ProjectionRunner, 'collection'>;
  readonly documents: Pick<Documents, 'json'>;
  readonly audit: Pick<ReadAudit, 'of'>;
}

type Item = MessageInitShape<typeof ExportAthleteResponseSchema>;

/** An athlete's time frames with their documents, and who read those. */
export class AthleteExport {
  readonly #deps: AthleteExportDependencies;

  constructor(deps: AthleteExportDependencies) {
    this.#deps = deps;
  }

  /** @throws RpcError, MongoError, EventLogUnavailable */
  async *of(
    athlete: number,
    options: CallOptions & { signal: AbortSignal },
  ): AsyncGenerator<Item, void, void> {
    const { activity, projections, documents, audit } = this.#deps;
    const frames = await projections.collection(framesModel);
    const found = frames.find({ athlete }, { projection: { _id: 1 }, sort: { _id: 1 } });
    for (const { _id } of await found.toArray()) {
      if (typeof _id !== 'number') continue;
      const { message } = await activity.findTimeFrame({ timeFrame: _id }, options);
      const { timeFrame, activity: parent } = message;
      if (timeFrame?.athlete !== athlete || !parent) continue;
      const documentJson = await documents.json(timeFrame, parent, options.signal);
      yield { item: { case: 'frame', value: { timeFrame, documentJson } } };
    }
    for await (const { reader, at, what } of audit.of([athleteSubject(athlete)])) {
      const entry = {
        reader,
        at: timestampFromDate(at),
        what: 'computed_data',
        timeFrame: timeFrameOf(what),
      };
      yield { item: { case: 'read', value: entry } };
    }
  }
}
