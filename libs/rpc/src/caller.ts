/** Who makes a call. `service:gateway` calls for people who have not signed in: handlers treat it as anonymous. */
export type Caller =
  /** `sessionId`: of the sign-in that the token descends from. */
  | { kind: 'user'; id: number; role: Role; clientId?: string; sessionId?: string }
  | { kind: 'service'; name: string }
  | { kind: 'ingest-token'; token: string };

export type Role = 'ATHLETE' | 'MANAGER' | 'ADMIN';

export const roles: readonly Role[] = ['ATHLETE', 'MANAGER', 'ADMIN'];

/**
 * The `actor` of events' metadata. An ingest token is no name to keep: the telemetry service names the device that it
 * found by it.
 */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case 'user':
      return `user:${caller.id}`;
    case 'service':
      return `service:${caller.name}`;
    case 'ingest-token':
      return 'ingest-token';
    default:
      return caller satisfies never;
  }
}
