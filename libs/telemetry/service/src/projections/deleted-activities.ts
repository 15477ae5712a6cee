import { ActivityDeletedSchema } from '@touchline/contracts/activity/v1/events';
import { decodeMessage } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';

/**
 * Says for ever that an activity is deleted: all of its time frames count as deleted, whichever of the two is seen
 * first.
 */
export interface DeletedActivityDocument {
  /** The activity's id. */
  _id: number;
}

export const deletedActivitiesModel: ReadModel<DeletedActivityDocument> = {
  name: 'deleted-activities',
  consumes: [ActivityDeletedSchema.typeName],
  indexes: [],
  documentIds: (stored) => [decodeMessage(ActivityDeletedSchema, stored).activityId],
  project: (_document, _stored, _id) => ({ _id }),
};
