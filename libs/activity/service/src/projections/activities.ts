import type { ActivityFields } from '@touchline/activity-domain';
import { ManagerDeletedSchema } from '@touchline/contracts/identity/v1/events';
import { fold, type StoredEvent } from '@touchline/event-log';
import type { ReadModel } from '@touchline/read-models';
import { activityCodec } from '../event-codec.ts';

/** An activity as lists need it. `json` is JSON text: its keys are the callers' own. */
export interface ActivityDocument {
  _id: number;
  name: string;
  nameFolded: string;
  owner: number;
  json: string;
  jsonSchema: number;
  revision: number;
}

export const activityOf = (
  d: ActivityDocument,
): { id: number; fields: ActivityFields; revision: number } => ({
  id: d._id,
  fields: {
    name: d.name,
    owner: d.owner,
    json: JSON.parse(d.json) as ActivityFields['json'],
    jsonSchema: d.jsonSchema,
  },
  revision: d.revision,
});

const MANAGER_DELETED = ManagerDeletedSchema.typeName;

export const activitiesModel: ReadModel<ActivityDocument> = {
  name: 'activities',
  consumes: [
    'activity.v1.ActivityCreated',
    'activity.v1.ActivityUpdated',
    'activity.v1.ActivityDeleted',
    // Changes nothing by itself: whoever ends a manager's activities waits until all before it are here.
    MANAGER_DELETED,
  ],
  indexes: [{ key: { owner: 1, _id: 1 } }, { key: { owner: 1, nameFolded: 1, _id: 1 } }],
  documentIds: (event) => (event.type === MANAGER_DELETED ? [] : [activityCodec.decode(event).activityId]),
  project(_document, event: StoredEvent, id) {
    const decoded = activityCodec.decode(event);
    switch (decoded.type) {
      case 'ActivityCreated':
      case 'ActivityUpdated':
        return {
          _id: id,
          name: decoded.name,
          nameFolded: fold(decoded.name),
          owner: decoded.owner,
          json: JSON.stringify(decoded.json),
          jsonSchema: decoded.jsonSchema,
          revision: event.revision,
        };
      case 'ActivityDeleted':
        return 'gone';
      default:
        return decoded satisfies never;
    }
  },
};
