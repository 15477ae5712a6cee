import type { EncodableDocument } from '../bson/writer.ts';
import type { Store } from '../storage/store.ts';
import type { Arguments } from './arguments.ts';
import type { Cursors } from './cursors.ts';

/** What a command works with. */
export interface Context {
  readonly store: Store;
  readonly cursors: Cursors;
  /** Told how each query was served, when somebody wants to know. */
  readonly onPlan: PlanListener | undefined;
}

export interface PlanReport {
  readonly namespace: string;
  /** The index's name, `_id_`, or `COLLSCAN` when every document was looked at. */
  readonly plan: string;
  readonly sortedInMemory: boolean;
  readonly examined: number;
  readonly returned: number;
}
export type PlanListener = (report: PlanReport) => void;

export interface Invocation {
  readonly database: string;
  readonly args: Arguments;
  readonly connectionId: number;
}

export type Handler = (
  context: Context,
  invocation: Invocation,
) => EncodableDocument | Promise<EncodableDocument>;
