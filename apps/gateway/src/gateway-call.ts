import { randomUUID } from 'node:crypto';
import { type FieldMessages, routeDefiner } from '@touchline/http';
import type { Answer, CallOptions, Caller, WrittenPosition } from '@touchline/rpc';
import type { ContextName, Clients } from './clients.ts';
import type { Credentials } from './credentials.ts';
import { commandIdOf } from './idempotency.ts';
import { withoutOutcome } from './rpc-to-http.ts';

type Send<Shape> = (options: CallOptions) => Promise<Answer<Shape>>;

/** What a handler gets beside the request. */
export interface GatewayCall {
  readonly clients: Clients;
  readonly caller: Caller | undefined;
  /** For reads: on the caller's behalf, cancelled when he goes away. */
  readonly reading: CallOptions;
  /**
   * Sends a command on the caller's behalf and waits until what it wrote can be read.
   * @param fieldErrors what the request's own checks found
   */
  command<Shape>(fieldErrors: FieldMessages, send: Send<Shape>): Promise<Shape>;
  /** Sends a command whose effect is seen at once by whoever reads it. */
  send<Shape>(fieldErrors: FieldMessages, send: Send<Shape>): Promise<Shape>;
  /** The contexts whose servers do not answer that they serve. */
  notServing(): Promise<readonly ContextName[]>;
  /** Asks at once which access tokens are revoked: to be done by what revokes some. */
  refreshRevocations(): Promise<void>;
}

export interface GatewayCallParts {
  clients: Clients;
  credentials: Credentials | undefined;
  requestId: string;
  /** The header `Idempotency-Key`. */
  idempotencyKey: string | undefined;
  signal: AbortSignal;
  waitUntilReadable(written: readonly WrittenPosition[], requestId: string): Promise<void>;
  notServing(): Promise<readonly ContextName[]>;
  /** Asks at once which access tokens are revoked: to be done by what revokes some. */
  refreshRevocations(): Promise<void>;
}

export function gatewayCall({
  clients,
  credentials,
  requestId,
  idempotencyKey,
  signal,
  ...parts
}: GatewayCallParts): GatewayCall {
  // A command that was sent is carried out, whether its sender still waits or not.
  const userId = credentials?.caller.kind === 'user' ? credentials.caller.id : undefined;
  const commandId = idempotencyKey === undefined ? randomUUID() : commandIdOf(userId, idempotencyKey);
  const commanding = { token: credentials?.token, requestId, commandId };
  const answer = async <Shape>(fieldErrors: FieldMessages, send: Send<Shape>) => {
    try {
      return await send({ ...commanding, fieldErrors });
    } catch (error) {
      throw withoutOutcome(error);
    }
  };
  return {
    clients,
    caller: credentials?.caller,
    reading: { token: credentials?.token, requestId, signal },
    async command(fieldErrors, send) {
      const { message, written } = await answer(fieldErrors, send);
      await parts.waitUntilReadable(written, requestId);
      return message;
    },
    async send(fieldErrors, send) {
      return (await answer(fieldErrors, send)).message;
    },
    notServing: () => parts.notServing(),
    refreshRevocations: () => parts.refreshRevocations(),
  };
}

export const defineRoute = routeDefiner<GatewayCall>();
