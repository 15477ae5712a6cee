import { randomUUID } from 'node:crypto';

import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';

/** Parts of requests that tests put together by hand. */

export const encode = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Uint8Array =>
  toBinary(schema, create(schema, init));

export const named = (name: string): { streamName: Uint8Array } => ({ streamName: Buffer.from(name) });

/** What every event must carry. */
export const METADATA = { type: 'Happened', 'content-type': 'application/json' };

export interface TextUuid {
  readonly value: { readonly case: 'string'; readonly value: string };
}

export const newId = (): TextUuid => ({ value: { case: 'string', value: randomUUID() } });
