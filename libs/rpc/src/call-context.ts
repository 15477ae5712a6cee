import type { CommandContext, WrittenPosition } from '@touchline/event-log';
import { actorOf, type Caller } from './caller.ts';
import type { RpcLogger } from './logger.ts';
import type { FieldMessages } from './rpc-error.ts';

export type { CommandContext, WrittenPosition };

export interface CallContext {
  readonly caller: Caller;
  /** Names the outer request in every log line; the events' correlation id. */
  readonly requestId: string;
  /** Event ids derive from it: the same command sent again has the same one. */
  readonly commandId: string;
  /** What the caller found wrong; the fields named here are left out of the message. See `FieldErrors`. */
  readonly fieldErrors: FieldMessages;
  /** Aborts when the caller cancels, his deadline passes or the server is stopped for good. */
  readonly signal: AbortSignal;
  /** The instant (ms since the epoch) after which nobody waits for the answer; give it on to further calls. */
  readonly deadlineMs: number;
  /** Writes lines that carry the request id. */
  readonly logger: RpcLogger;
  /** Tells the caller what was written; positions of the same type: the greatest counts. */
  written(positions: readonly WrittenPosition[]): void;
  /** @param at ms since the epoch, now when left out */
  commandContext(at?: number): CommandContext;
}

export function commandContextOf(
  call: { caller: Caller; requestId: string; commandId: string },
  at: number,
): CommandContext {
  return { commandId: call.commandId, correlationId: call.requestId, actor: actorOf(call.caller), at };
}
