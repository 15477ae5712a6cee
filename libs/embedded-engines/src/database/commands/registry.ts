import { aggregate } from './aggregate.ts';
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  listIndexes,
  renameCollection,
} from './catalog.ts';
import type { Handler } from './context.ts';
import { findAndModify } from './find-and-modify.ts';
import { buildInfo, connectionStatus, hello, ping } from './handshake.ts';
import { createIndexes, dropIndexes } from './indexes.ts';
import { count, distinct, find, getMore, killCursors } from './read.ts';
import { insert, remove, update } from './write.ts';

interface Command {
  readonly handler: Handler;
  /** Writes are done in the transaction that all writes of a turn share, and answered when it is committed or on disk. */
  readonly writes: boolean;
}

const reads = (handler: Handler): Command => ({ handler, writes: false });
const writes = (handler: Handler): Command => ({ handler, writes: true });

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    hello: reads(hello),
    ismaster: reads(hello),
    isMaster: reads(hello),
    ping: reads(ping),
    buildInfo: reads(buildInfo),
    buildinfo: reads(buildInfo),
    connectionStatus: reads(connectionStatus),
    endSessions: reads(ping),
    find: reads(find),
    getMore: reads(getMore),
    killCursors: reads(killCursors),
    count: reads(count),
    distinct: reads(distinct),
    aggregate: reads(aggregate),
    insert: writes(insert),
    update: writes(update),
    delete: writes(remove),
    findAndModify: writes(findAndModify),
    findandmodify: writes(findAndModify),
    create: writes(create),
    drop: writes(drop),
    dropDatabase: writes(dropDatabase),
    renameCollection: writes(renameCollection),
    createIndexes: writes(createIndexes),
    dropIndexes: writes(dropIndexes),
    listCollections: reads(listCollections),
    listDatabases: reads(listDatabases),
    listIndexes: reads(listIndexes),
  }),
);

export function commandOf(name: string): Command | undefined {
  return commands.get(name);
}
