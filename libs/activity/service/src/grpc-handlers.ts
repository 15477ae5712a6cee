import { ActivityService } from '@touchline/contracts/activity/v1/service';
import { implement } from '@touchline/rpc';
import { activityHandlers, type ActivityDependencies } from './activity-handlers.ts';
import { requireService } from './callers.ts';
import { jsonSchemaHandlers } from './json-schema-handlers.ts';
import { activityMessage, timeFrameMessage } from './messages.ts';
import { notFound } from './rejection-status.ts';
import { timeFrameHandlers, type TimeFrameDependencies } from './time-frame-handlers.ts';

export interface HandlerDependencies {
  readonly activity: ActivityDependencies;
  readonly timeFrame: TimeFrameDependencies;
}

export function grpcHandlers({ activity, timeFrame }: HandlerDependencies) {
  const { queries } = activity;
  return implement(ActivityService, {
    ...jsonSchemaHandlers,
    ...activityHandlers(activity),
    ...timeFrameHandlers(timeFrame),

    async findTimeFrame(request, context) {
      requireService(context);
      const found = await queries.timeFrame(request.timeFrame);
      if (!found) throw notFound();
      const parent = (await queries.activitiesById([found.fields.activity])).get(found.fields.activity);
      if (!parent) throw notFound();
      return {
        timeFrame: timeFrameMessage(found.id, found.fields, found.revision),
        activity: activityMessage(parent.id, parent.fields, parent.revision),
      };
    },

    async *findActivity(request, context) {
      requireService(context);
      const found = (await queries.activitiesById([request.activity])).get(request.activity);
      if (!found) throw notFound();
      yield { item: { case: 'activity', value: activityMessage(found.id, found.fields, found.revision) } };
      for (const { id, fields, revision } of await queries.timeFramesOf(found.id)) {
        yield { item: { case: 'timeFrame', value: timeFrameMessage(id, fields, revision) } };
      }
    },
  });
}
