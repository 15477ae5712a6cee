import { BinaryReader } from '@bufbuild/protobuf/wire';
import { credentials, Client, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { channelTarget, clientChannelOptions } from './channel-options.ts';

/** `SERVING` and `NOT_SERVING` of grpc.health.v1.HealthCheckResponse. */
const servingStatus = { serving: 1, notServing: 2 };

export interface HealthRequest {
  service: string;
}

/**
 * `Check` of `grpc.health.v1.Health`, which probes call without a caller. Its request names a service, ours has one
 * health for all; the answer's only field is an enum, so the two messages are coded here.
 */
export const healthCheck: MethodDefinition<HealthRequest, boolean> = {
  path: '/grpc.health.v1.Health/Check',
  requestStream: false,
  responseStream: false,
  requestSerialize: () => Buffer.alloc(0),
  // grpc-js takes a message that is falsy for none.
  requestDeserialize: (bytes) => ({ service: readField(bytes, (reader) => reader.string()) ?? '' }),
  responseSerialize: (serving) =>
    Buffer.from([0x08, serving ? servingStatus.serving : servingStatus.notServing]),
  responseDeserialize: (bytes) => readField(bytes, (reader) => reader.int32()) === servingStatus.serving,
};

function readField<Value>(bytes: Uint8Array, read: (reader: BinaryReader) => Value): Value | undefined {
  const reader = new BinaryReader(bytes);
  let value: Value | undefined;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1) value = read(reader);
    else reader.skip(wireType, number);
  }
  return value;
}

/** Whether the server at `host:port`, or one of several, answers that it serves, within the time. */
export async function checkHealth(address: string, { timeoutMs = 1000 } = {}): Promise<boolean> {
  const client = new Client(channelTarget(address), credentials.createInsecure(), clientChannelOptions);
  try {
    return await new Promise<boolean>((resolve) => {
      client.makeUnaryRequest(
        healthCheck.path,
        healthCheck.requestSerialize,
        healthCheck.responseDeserialize,
        { service: '' },
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, serving) => resolve(error === null && serving === true),
      );
    });
  } finally {
    client.close();
  }
}
