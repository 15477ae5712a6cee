import {
  type CommandContext,
  type CommandResult,
  type Decider,
  eventId,
  type EventCodec,
  type IdSequence,
  loadStream,
  runCommand,
  type StoredEvent,
  type StreamLog,
} from '@touchline/event-log';
import {
  decide,
  evolve,
  type Grant,
  type GrantPermission,
  grantId,
  initialState,
  type PermissionCommand,
  type PermissionEvent,
  type PermissionRejection,
  type PermissionState,
  permissionsStream,
  type SharePermission,
  type UserCreated,
  userStream,
} from '@touchline/permission-domain';
import { decode, encode } from './event-codec.ts';

type Result = CommandResult<PermissionState, PermissionEvent, PermissionRejection>;

const decider: Decider<PermissionCommand, PermissionState, PermissionEvent, PermissionRejection> = {
  initial: initialState,
  evolve,
  decide,
};

const codec: EventCodec<PermissionEvent> = {
  encode,
  decode(stored) {
    const event = decode(stored);
    return event?.type === 'UserCreated' || event?.type === 'UserDeleted' ? undefined : event;
  },
};

/** Carries out commands on an athlete's grants. */
export class PermissionCommands {
  readonly #log: StreamLog;
  readonly #ids: IdSequence;

  constructor(log: StreamLog, ids: IdSequence) {
    this.#log = log;
    this.#ids = ids;
  }

  /** Who the user is, by his stream; undefined when there is none or he is deleted. */
  async user(userId: number): Promise<UserCreated | undefined> {
    let user: UserCreated | undefined;
    for await (const stored of this.#log.read(userStream(userId))) {
      const event = decode(stored);
      if (event?.type === 'UserCreated') user = event;
      if (event?.type === 'UserDeleted') return undefined;
    }
    return user;
  }

  /** All grants on the athlete, by the log. */
  async grants(athlete: UserCreated): Promise<Grant[]> {
    const { state } = await loadStream(this.#log, permissionsStream(athlete.userId), codec, {
      initial: evolve(initialState, athlete),
      evolve,
    });
    return [...state.grants.values()];
  }

  /** @returns the id of the grant, too: of a command sent again that of the first time */
  async grant(
    athlete: UserCreated,
    command: Omit<GrantPermission, 'permissionId'> | Omit<SharePermission, 'permissionId'>,
    context: CommandContext,
  ): Promise<Result & { permissionId: number }> {
    const earlier = await this.#grantOf(context.commandId, athlete.userId);
    const permissionId = earlier ?? grantId(await this.#ids.next());
    const result = await this.run(athlete, { ...command, permissionId }, context);
    return { ...result, permissionId };
  }

  run(athlete: UserCreated, command: PermissionCommand, context: CommandContext): Promise<Result> {
    return runCommand({
      log: this.#log,
      stream: permissionsStream(athlete.userId),
      codec,
      decider,
      command,
      context,
      initial: evolve(initialState, athlete),
    });
  }

  async #grantOf(commandId: string, athlete: number): Promise<number | undefined> {
    const stream = permissionsStream(athlete);
    const id = eventId(commandId, stream, 0);
    for await (const stored of this.#log.read(stream) as AsyncIterable<StoredEvent>) {
      if (stored.id !== id) continue;
      const event = decode(stored);
      if (event?.type === 'PermissionGranted') return event.permissionId;
    }
    return undefined;
  }
}
