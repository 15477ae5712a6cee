import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';

import { ReadRespSchema } from '../gen/event_store/client/streams_pb.ts';

type Content = MessageInitShape<typeof ReadRespSchema>['content'];

const response = (content: NonNullable<Content>): Uint8Array =>
  toBinary(ReadRespSchema, create(ReadRespSchema, { content }));

/** The first word of a subscription. */
export const confirmation = (subscriptionId: string): Uint8Array =>
  response({ case: 'confirmation', value: { subscriptionId } });

/** Everything up to this position was looked at. */
export const checkpoint = (position: number): Uint8Array =>
  response({
    case: 'checkpoint',
    value: { commitPosition: BigInt(position), preparePosition: BigInt(position) },
  });

export const streamNotFound = (stream: string): Uint8Array =>
  response({
    case: 'streamNotFound',
    value: { streamIdentifier: { streamName: Buffer.from(stream, 'utf8') } },
  });

export const CAUGHT_UP = response({ case: 'caughtUp', value: {} });
export const FELL_BEHIND = response({ case: 'fellBehind', value: {} });
