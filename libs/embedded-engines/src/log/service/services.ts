import type { MethodDefinition, Server } from '@grpc/grpc-js';

import type { LogStore } from '../store/log-store.ts';
import { type MessageRun, serializeRun } from '../wire/message-run.ts';
import { handleAppend } from './append-call.ts';
import { BatchAppendCall } from './batch-append-call.ts';
import { handleDelete, handleTombstone } from './delete-call.ts';
import type { Outgoing } from './outgoing.ts';
import { handleRead } from './read-call.ts';
import { FEATURES_SERVICE, STREAMS_SERVICE, SUPPORTED_METHODS } from './server-features.ts';

const identity = (bytes: Buffer): Buffer => bytes;

/** Requests reach the handlers undecoded, so that a malformed one gets the log's own answer. */
const method = <Response>(
  path: string,
  requestStream: boolean,
  responseStream: boolean,
  responseSerialize: (response: Response) => Buffer,
): MethodDefinition<Buffer, Response> => ({
  path,
  requestStream,
  responseStream,
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize,
  responseDeserialize: () => {
    throw new Error('A server reads no responses.');
  },
});

/** Adds the services that EventStoreDB's clients use. `open` gets the calls that go on until somebody ends them. */
export function addServices(server: Server, store: LogStore, open: Set<Outgoing>): void {
  server.addService(
    {
      read: method<MessageRun>(`/${STREAMS_SERVICE}/Read`, false, true, serializeRun),
      append: method(`/${STREAMS_SERVICE}/Append`, true, false, identity),
      delete: method(`/${STREAMS_SERVICE}/Delete`, false, false, identity),
      tombstone: method(`/${STREAMS_SERVICE}/Tombstone`, false, false, identity),
      batchAppend: method<MessageRun>(`/${STREAMS_SERVICE}/BatchAppend`, true, true, serializeRun),
    },
    {
      read: (call: Parameters<typeof handleRead>[1]) => void handleRead(store, call, open),
      append: (call: Parameters<typeof handleAppend>[1], answer: Parameters<typeof handleAppend>[2]) =>
        handleAppend(store, call, answer),
      delete: (call: Parameters<typeof handleDelete>[1], answer: Parameters<typeof handleDelete>[2]) =>
        void handleDelete(store, call, answer),
      tombstone: (call: Parameters<typeof handleDelete>[1], answer: Parameters<typeof handleDelete>[2]) =>
        void handleTombstone(store, call, answer),
      batchAppend: (call: ConstructorParameters<typeof BatchAppendCall>[1]) =>
        void new BatchAppendCall(store, call, open),
    },
  );
  server.addService(
    { getSupportedMethods: method(`/${FEATURES_SERVICE}/GetSupportedMethods`, false, false, identity) },
    {
      getSupportedMethods: (_call: unknown, answer: (error: null, bytes: Buffer) => void) =>
        answer(null, SUPPORTED_METHODS),
    },
  );
}
