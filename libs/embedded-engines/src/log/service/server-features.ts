import { create, toBinary } from '@bufbuild/protobuf';

import { SupportedMethodsSchema } from '../gen/event_store/client/server_features_pb.ts';

const STREAMS = 'event_store.client.streams.Streams';
const FEATURES = 'event_store.client.server_features.ServerFeatures';

/** What clients ask before they choose how to append. The version is that of the server whose behaviour this one has. */
export const SUPPORTED_METHODS = Buffer.from(
  toBinary(
    SupportedMethodsSchema,
    create(SupportedMethodsSchema, {
      eventStoreServerVersion: '23.10.0',
      methods: [
        { serviceName: STREAMS.toLowerCase(), methodName: 'read', features: ['position', 'events'] },
        { serviceName: STREAMS.toLowerCase(), methodName: 'append' },
        { serviceName: STREAMS.toLowerCase(), methodName: 'delete' },
        { serviceName: STREAMS.toLowerCase(), methodName: 'tombstone' },
        { serviceName: STREAMS.toLowerCase(), methodName: 'batchappend', features: ['deadline_duration'] },
        { serviceName: FEATURES.toLowerCase(), methodName: 'getsupportedmethods' },
      ],
    }),
  ),
);

export const STREAMS_SERVICE = STREAMS;
export const FEATURES_SERVICE = FEATURES;
