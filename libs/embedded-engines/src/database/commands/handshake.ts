import type { EncodableDocument } from '../bson/writer.ts';
import { maxBsonObjectSize, maxMessageSizeBytes, maxWriteBatchSize } from '../wire/limits.ts';
import type { Handler } from './context.ts';

/** The version whose behaviour this engine keeps to; `maxWireVersion` tells the same. */
const version = '7.0.0';
const maxWireVersion = 21;

/** A standalone server: no replica set, no compression, no streamed hellos. */
export const hello: Handler = (_context, { args, connectionId }) => {
  const legacy = args.owner === 'hello' ? {} : { ismaster: true };
  return {
    helloOk: true,
    ...legacy,
    isWritablePrimary: true,
    maxBsonObjectSize,
    maxMessageSizeBytes,
    maxWriteBatchSize,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion,
    readOnly: false,
    ok: 1,
  };
};

export const buildInfo: Handler = () => ({
  version,
  versionArray: version.split('.').map(Number).concat(0),
  gitVersion: 'touchline',
  modules: [],
  bits: 64,
  debug: false,
  maxBsonObjectSize,
  ok: 1,
});

const fine: EncodableDocument = { ok: 1 };
export const ping: Handler = () => fine;

export const connectionStatus: Handler = () => ({
  authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
  ok: 1,
});
