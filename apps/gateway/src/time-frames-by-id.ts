import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ActivityService,
  type ExpandSchema,
  type TimeFrame,
  type TimeFrameAnswer,
  type TimeFrameFilterSchema,
  TimeFrameRefusal,
} from '@touchline/contracts/activity/v1/service';
import { type CallOptions, type Client, RpcError, togetherBy } from '@touchline/rpc';

export interface TimeFrameQuestion {
  readonly timeFrame: number;
  readonly filter: MessageInitShape<typeof TimeFrameFilterSchema>;
  readonly expand: MessageInitShape<typeof ExpandSchema>;
}

/** Time frames by their ids: what a user asks for while a call of his is under way goes with his next. */
export class TimeFramesById {
  readonly #activity: Pick<Client<typeof ActivityService>, 'getTimeFrames'>;
  readonly #together = togetherBy<number, TimeFrameAnswer>();

  constructor(activity: Pick<Client<typeof ActivityService>, 'getTimeFrames'>) {
    this.#activity = activity;
  }

  /** @throws RpcError `not_found`, also for one outside of the filter, and `forbidden` */
  async get({ timeFrame, filter, expand }: TimeFrameQuestion, reading: CallOptions): Promise<TimeFrame> {
    const ask = async (timeFrames: readonly number[], options: CallOptions) => {
      const request = { timeFrames: [...timeFrames], filter, expand };
      return (await this.#activity.getTimeFrames(request, options)).message.answers;
    };
    if (Object.keys(filter).length > 0) return shown((await ask([timeFrame], reading))[0]);
    // Whoever goes away cancels nothing that others wait for.
    const { token, requestId } = reading;
    const key = [token, expand.device, expand.activity, expand.athlete].join(' ');
    return shown(await this.#together(key, timeFrame, (ids) => ask(ids, { token, requestId })));
  }
}

function shown(answer: TimeFrameAnswer | undefined): TimeFrame {
  if (answer?.answer.case === 'timeFrame') return answer.answer.value;
  if (answer?.answer.value === TimeFrameRefusal.FORBIDDEN)
    throw new RpcError('forbidden', 'The time frame is another manager’s.');
  throw new RpcError('not_found', 'There is no such time frame.');
}
