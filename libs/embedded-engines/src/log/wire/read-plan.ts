import { invalidArgument, LogCallError } from '../errors.ts';
import {
  type ReadReq,
  type ReadReq_Options,
  ReadReq_Options_ReadDirection,
} from '../gen/event_store/client/streams_pb.ts';
import { type EventFilter, eventFilter } from '../store/event-filter.ts';
import type { UuidForm } from './read-event.ts';
import { streamName } from './requests.ts';

export type ReadTarget =
  | {
      readonly kind: 'stream-forwards';
      readonly stream: string;
      readonly from: number;
      readonly limit: number;
    }
  | {
      readonly kind: 'stream-backwards';
      readonly stream: string;
      readonly from: number;
      readonly limit: number;
    }
  /** Events after that position; undefined: after the last. */
  | {
      readonly kind: 'all-forwards';
      readonly after: number | undefined;
      readonly limit: number;
      readonly filter: EventFilter | undefined;
    }
  | {
      readonly kind: 'all-backwards';
      readonly before: number;
      readonly limit: number;
      readonly filter: EventFilter | undefined;
    }
  /** Events after that revision; undefined: after the last. */
  | { readonly kind: 'subscribe-stream'; readonly stream: string; readonly after: number | undefined }
  | {
      readonly kind: 'subscribe-all';
      readonly after: number | undefined;
      readonly filtered: FilteredSubscription | undefined;
    };

export interface FilteredSubscription {
  readonly filter: EventFilter;
  /** A checkpoint is sent whenever so many events were looked at. */
  readonly checkpointInterval: number;
}

export interface ReadPlan {
  readonly target: ReadTarget;
  readonly resolveLinks: boolean;
  readonly uuidForm: UuidForm;
}

/** Looked at between two checkpoints when the subscriber names no window. */
const DEFAULT_WINDOW = 32;
/** Beyond all revisions and positions, and exact when one is added. */
const BEYOND_ALL = Number.MAX_SAFE_INTEGER - 1;

const bounded = (value: bigint): number => (value > BigInt(BEYOND_ALL) ? BEYOND_ALL : Number(value));

/** @throws LogCallError when the request asks for nothing that can be read. */
export function readPlan({ options }: ReadReq): ReadPlan {
  if (options === undefined) throw invalidArgument('The options of the read are missing.');
  return {
    target: readTarget(options),
    resolveLinks: options.resolveLinks,
    uuidForm: options.uuidOption?.content.case === 'structured' ? 'structured' : 'string',
  };
}

function readTarget(options: ReadReq_Options): ReadTarget {
  const { countOption } = options;
  switch (countOption.case) {
    case 'count':
      if (countOption.value === 0n)
        throw new LogCallError({
          code: 'not-understood',
          message: 'A read of zero events asks for nothing: count must be positive.',
        });
      return pagedTarget(options, bounded(countOption.value));
    case 'subscription':
      if (options.readDirection === ReadReq_Options_ReadDirection.Backwards)
        throw invalidArgument('A subscription cannot go backwards.');
      return subscriptionTarget(options);
    case undefined:
      throw invalidArgument('The read needs a count, or to be a subscription.');
    default:
      return countOption satisfies never;
  }
}

function pagedTarget(options: ReadReq_Options, limit: number): ReadTarget {
  const backwards = options.readDirection === ReadReq_Options_ReadDirection.Backwards;
  const { streamOption } = options;
  switch (streamOption.case) {
    case 'stream': {
      const stream = streamName(streamOption.value.streamIdentifier);
      const at = streamOption.value.revisionOption;
      if (at.case === undefined)
        throw invalidArgument('The revision to read from is missing: start, end or a revision.');
      if (at.case === 'end' && !backwards)
        throw new LogCallError({
          code: 'not-understood',
          message: 'There is nothing to read forwards from the end of a stream.',
        });
      const from = at.case === 'revision' ? bounded(at.value) : at.case === 'end' ? BEYOND_ALL : 0;
      return { kind: backwards ? 'stream-backwards' : 'stream-forwards', stream, from, limit };
    }
    case 'all': {
      const at = streamOption.value.allOption;
      const filter = filterOf(options)?.filter;
      if (at.case === undefined)
        throw invalidArgument('The position to read from is missing: start, end or a position.');
      const position = at.case === 'position' ? bounded(at.value.commitPosition) : 0;
      if (backwards)
        return { kind: 'all-backwards', before: at.case === 'end' ? BEYOND_ALL : position, limit, filter };
      return {
        kind: 'all-forwards',
        after: at.case === 'end' ? undefined : Math.max(0, position - 1),
        limit,
        filter,
      };
    }
    case undefined:
      throw invalidArgument('The read names neither a stream nor $all.');
    default:
      return streamOption satisfies never;
  }
}

function subscriptionTarget(options: ReadReq_Options): ReadTarget {
  const { streamOption } = options;
  switch (streamOption.case) {
    case 'stream': {
      const stream = streamName(streamOption.value.streamIdentifier);
      const at = streamOption.value.revisionOption;
      if (at.case === undefined)
        throw invalidArgument('The revision to subscribe from is missing: start, end or a revision.');
      return {
        kind: 'subscribe-stream',
        stream,
        after: at.case === 'revision' ? bounded(at.value) : at.case === 'start' ? -1 : undefined,
      };
    }
    case 'all': {
      const at = streamOption.value.allOption;
      if (at.case === undefined)
        throw invalidArgument('The position to subscribe from is missing: start, end or a position.');
      const after =
        at.case === 'position' ? bounded(at.value.commitPosition) : at.case === 'start' ? 0 : undefined;
      return { kind: 'subscribe-all', after, filtered: filterOf(options) };
    }
    case undefined:
      throw invalidArgument('The subscription names neither a stream nor $all.');
    default:
      return streamOption satisfies never;
  }
}

function filterOf({ filterOption }: ReadReq_Options): FilteredSubscription | undefined {
  if (filterOption.case !== 'filter') return undefined;
  const options = filterOption.value;
  const by = options.filter;
  if (by.case === undefined) throw invalidArgument('A filter is by stream_identifier or by event_type.');
  const window = options.window.case === 'max' ? options.window.value : DEFAULT_WINDOW;
  if (window === 0) throw invalidArgument('The search window of a filter must be positive.');
  if (options.checkpointIntervalMultiplier === 0)
    throw invalidArgument('The checkpoint interval multiplier of a filter must be positive.');
  return {
    filter: eventFilter(by.case === 'eventType' ? 'type' : 'stream', {
      regex: by.value.regex,
      prefixes: by.value.prefix,
    }),
    checkpointInterval: window * options.checkpointIntervalMultiplier,
  };
}
