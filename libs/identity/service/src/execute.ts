import { NameReservedSchema } from '@touchline/contracts/log/v1/events';
import {
  type CommandContext,
  type CommandResult,
  decodeMessage,
  type Decider,
  type EventCodec,
  fold,
  type IdSequence,
  type LoadedStream,
  loadStream,
  type NameReservations,
  runCommand,
  type StreamLog,
} from '@touchline/event-log';
import {
  type ChangeUser,
  type CreateUser,
  decide,
  evolve,
  heldNames,
  initialState,
  isUser,
  type Rights,
  type UniqueName,
  uniqueNames,
  type User,
  type UserCommand,
  type UserEvent,
  userIdOf,
  type UserRejection,
  type UserState,
  userStream,
} from '@touchline/identity-domain';
import { KeyDestroyed } from '@touchline/read-models';

export interface ExecuteDependencies {
  log: StreamLog;
  codec: EventCodec<UserEvent>;
  ids: IdSequence;
  reservations: NameReservations;
}

export type UserCommandResult = CommandResult<UserState, UserEvent, UserRejection>;

const decider: Decider<UserCommand, UserState, UserEvent, UserRejection> = {
  initial: initialState,
  evolve,
  decide,
};

/** Carries out commands on users' streams. */
export class UserCommands {
  readonly #deps: ExecuteDependencies;

  constructor(deps: ExecuteDependencies) {
    this.#deps = deps;
  }

  load(userId: number): Promise<LoadedStream<UserState>> {
    return loadStream(this.#deps.log, userStream(userId), this.#deps.codec, decider);
  }

  async isManager(userId: number): Promise<boolean> {
    return (await this.load(userId)).state.role === 'MANAGER';
  }

  /** What a caller may do beyond his role. */
  async rightsOf({ id, role }: { id: number; role: User['role'] }): Promise<Rights> {
    const state = role === 'MANAGER' ? (await this.load(id)).state : undefined;
    return { extraPermissions: state?.role === 'MANAGER' ? state.extraPermissions : [] };
  }

  /**
   * Carries out a command on somebody who is there. Names that he takes are reserved before, those that he gives up
   * are free afterwards.
   *
   * @param ifRevision refuses the command once the stream has gone past it
   */
  async change(
    userId: number,
    command: ChangeUser,
    context: CommandContext,
    ifRevision?: number,
  ): Promise<UserCommandResult> {
    const { log, codec } = this.#deps;
    const stream = userStream(userId);
    let givenUp: { names: readonly UniqueName[]; revision: number } | undefined;
    const running = runCommand({
      log,
      codec,
      decider,
      stream,
      command,
      context,
      beforeAppend: async (events, target, state): Promise<{ rejected: UserRejection } | undefined> => {
        if (ifRevision !== undefined && target.revision !== ifRevision + 1)
          return { rejected: { code: 'revision_passed' } };
        const held = heldNames(state);
        const wanted = heldNames(events.reduce(evolve, state));
        givenUp = { names: without(held, wanted), revision: target.revision - 1 };
        return this.#reserve(without(wanted, held), target, context);
      },
    });
    const result = await running.catch((error: unknown): UserCommandResult => {
      // He was deleted while the command was under way.
      if (error instanceof KeyDestroyed) return { rejected: { code: 'no_such_user' } };
      throw error;
    });
    if (!result.rejected && givenUp) {
      for (const { kind, text } of givenUp.names)
        await this.#deps.reservations.release({ kind, text, stream, revision: givenUp.revision, context });
    }
    return result;
  }

  /**
   * Creates a user with a new id, once his names are reserved. The same command sent again finds the id that it drew
   * the first time by the username that it reserved then.
   */
  async create(make: (userId: number) => CreateUser, context: CommandContext): Promise<UserCommandResult> {
    const { log, codec, ids } = this.#deps;
    const draft = make(1);
    const names = uniqueNames(
      draft.account,
      draft.type === 'CreateManagedAthlete' ? draft.managedBy : undefined,
    );
    const username = draft.account.username;
    for (let userId = await this.#idOfEarlierAttempt(username, context); ;) {
      userId ??= await ids.next();
      const result = await runCommand({
        log,
        codec,
        decider,
        stream: userStream(userId),
        command: make(userId),
        context,
        beforeAppend: (_events, target) => this.#reserve(names, target, context),
      });
      if (result.rejected?.code !== 'names_taken') return result;
      // The same command, under way twice at once, is in its own way: whoever reserved the username goes on.
      const earlier = await this.#idOfEarlierAttempt(username, context);
      if (earlier === undefined || earlier === userId) return result;
      userId = earlier;
    }
  }

  /** Who holds the username now, by its reservation: true at once, unlike the read models. */
  async userNamed(username: string): Promise<User | undefined> {
    const reservation = await this.#reservation('username', username);
    const userId = reservation && userIdOf(reservation.stream);
    if (userId === undefined) return undefined;
    const { state } = await this.load(userId);
    return isUser(state) && state.account && fold(state.account.username) === fold(username)
      ? state
      : undefined;
  }

  async #reserve(
    names: readonly UniqueName[],
    target: { stream: string; revision: number },
    context: CommandContext,
  ): Promise<{ rejected: UserRejection } | undefined> {
    const { reservations } = this.#deps;
    for (const [index, name] of names.entries()) {
      const { kind, text } = name;
      const holds = (stream: string) => this.#holds(stream, name);
      if ((await reservations.reserve({ kind, text, target, holds, context })) === 'reserved') continue;
      // Names further on are only looked at: reserved now and given back, they would refuse somebody for nothing.
      const others = await Promise.all(
        names.slice(index + 1).map((other) => this.#isHeld(other, target.stream)),
      );
      const taken = [name, ...names.slice(index + 1).filter((_other, i) => others[i])];
      for (const reserved of names.slice(0, index)) {
        await reservations.release({
          kind: reserved.kind,
          text: reserved.text,
          stream: target.stream,
          revision: target.revision,
          context,
        });
      }
      return { rejected: { code: 'names_taken', fields: taken.map(({ field }) => field) } };
    }
    return undefined;
  }

  async #holds(stream: string, name: UniqueName): Promise<boolean> {
    const userId = userIdOf(stream);
    if (userId === undefined) return false;
    const { state } = await this.load(userId);
    return heldNames(state).some((held) => isSameName(held, name));
  }

  async #isHeld(name: UniqueName, ownStream: string): Promise<boolean> {
    const reservation = await this.#reservation(name.kind, name.text);
    return (
      reservation !== undefined &&
      reservation.stream !== ownStream &&
      (await this.#holds(reservation.stream, name))
    );
  }

  async #idOfEarlierAttempt(username: string, context: CommandContext): Promise<number | undefined> {
    const reservation = await this.#reservation('username', username);
    return reservation?.commandId === context.commandId ? userIdOf(reservation.stream) : undefined;
  }

  async #reservation(
    kind: UniqueName['kind'],
    text: string,
  ): Promise<{ stream: string; commandId: string | undefined } | undefined> {
    const { log, reservations } = this.#deps;
    for await (const event of log.read(reservations.streamOf(kind, text), { backwards: true, limit: 1 })) {
      if (event.type !== NameReservedSchema.typeName) return undefined;
      const { stream } = decodeMessage(NameReservedSchema, event);
      return { stream, commandId: event.metadata.causation_id };
    }
    return undefined;
  }
}

function isSameName(one: UniqueName, other: UniqueName): boolean {
  return one.kind === other.kind && fold(one.text) === fold(other.text);
}

function without(names: readonly UniqueName[], others: readonly UniqueName[]): UniqueName[] {
  return names.filter((name) => !others.some((other) => isSameName(name, other)));
}
