import type { UserRole } from '@touchline/contracts/permission/v1/service';
import type { IdSequence, StreamLog } from '@touchline/event-log';
import type { KeyStore, ReadAudit } from '@touchline/read-models';
import type { CallContext } from '@touchline/rpc';
import type { Devices } from '../devices.ts';
import type { DeviceCommands } from '../execute.ts';
import type { DayWriters } from '../ingest/day-writers.ts';
import type { DeviceQueries } from '../queries.ts';

/** What the handlers work with. */
export interface HandlerDependencies {
  readonly log: Pick<StreamLog, 'read'>;
  readonly keys: KeyStore;
  readonly devices: Devices;
  readonly commands: DeviceCommands;
  readonly queries: DeviceQueries;
  readonly writers: DayWriters;
  readonly audit: Pick<ReadAudit, 'record' | 'of'>;
  readonly deviceIds: IdSequence;
  readonly ownershipIds: IdSequence;
  /** The user's role, undefined when there is no such user. @throws RpcError */
  readonly roleOf: (user: number, context: CallContext) => Promise<UserRole | undefined>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}
