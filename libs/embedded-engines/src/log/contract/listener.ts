import {
  type AllStreamSubscription,
  isCommandError,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { expect, vi } from 'vitest';

import { describeEvent } from './session.ts';

/** What a subscription has said so far. */
export interface Heard {
  /** Once the server has accepted the subscription. */
  readonly confirmed: Promise<void>;
  /** Waits until it has said this, and nothing else. */
  until(said: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

type Anything = NonNullable<ResolvedEvent['event']>;

/** Writes down events, the end of catching up, and errors, in their order. */
export function listen(
  subscription: StreamSubscription | AllStreamSubscription,
  wanted: (event: Anything) => boolean = () => true,
): Heard {
  const said: string[] = [];
  const confirmed = new Promise<void>((resolve) => subscription.once('confirmation', resolve));
  subscription.on('data', ({ event, link }: ResolvedEvent) => {
    const heard = event ?? link;
    if (heard === undefined || !wanted(heard)) return;
    if (link === undefined) said.push(describeEvent(heard));
    else said.push(`${event === undefined ? 'nothing' : describeEvent(event)} by ${link.revision}`);
  });
  subscription.on('caughtUp', () => said.push('caught up'));
  subscription.on('error', (error: Error) => said.push(isCommandError(error) ? error.type : String(error)));
  return {
    confirmed,
    until: (wantedWords) =>
      vi.waitFor(() => expect(said).toEqual(wantedWords), { timeout: 10_000, interval: 10 }),
    stop: () => subscription.unsubscribe().catch(() => undefined),
  };
}
