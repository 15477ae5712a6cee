import type {
  DeleteAthleteRequest,
  DeleteManagedAthleteRequest,
  DeleteManagerRequest,
} from '@touchline/contracts/identity/v1/service';
import { mayDeleteAthlete, mayDeleteManagedAthlete, mayDeleteManager } from '@touchline/identity-domain';
import { type CallContext, FieldErrors } from '@touchline/rpc';
import { userOf } from './caller.ts';
import type { Erasure } from './erasure.ts';
import { existingAthlete, existingManager, requireRevision } from './existing-user.ts';
import type { UserCommands } from './execute.ts';
import type { Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';

/** The commands that end accounts. The person's data is unreadable when they answer. */
export class AccountDeletions {
  readonly #commands: UserCommands;
  readonly #queries: Queries;
  readonly #erasure: Erasure;

  constructor(commands: UserCommands, queries: Queries, erasure: Erasure) {
    this.#commands = commands;
    this.#queries = queries;
    this.#erasure = erasure;
  }

  async deleteAthlete(
    { athlete: id, filter, ifRevision }: DeleteAthleteRequest,
    context: CallContext,
  ): Promise<void> {
    const subject = userOf(context.caller);
    const { revision } = await existingAthlete(this.#commands, id);
    if (!mayDeleteAthlete(subject, id)) throw rejectionError({ code: 'not_allowed' });
    if (filter && !(await this.#queries.matches(id, filter)))
      throw rejectionError({ code: 'no_such_athlete' });
    requireRevision(revision, ifRevision);
    new FieldErrors(context).throwIfAny();
    await this.#delete(id, 'DeleteAthlete', context, ifRevision);
  }

  async deleteManagedAthlete(
    { athlete: id, ifRevision }: DeleteManagedAthleteRequest,
    context: CallContext,
  ): Promise<void> {
    const subject = userOf(context.caller);
    const { athlete, revision } = await existingAthlete(this.#commands, id);
    if (!mayDeleteManagedAthlete(subject, athlete)) throw rejectionError({ code: 'not_allowed' });
    requireRevision(revision, ifRevision);
    new FieldErrors(context).throwIfAny();
    await this.#delete(id, 'DeleteAthlete', context, ifRevision);
  }

  async deleteManager(
    { manager: id, ifRevision }: DeleteManagerRequest,
    context: CallContext,
  ): Promise<void> {
    const subject = userOf(context.caller);
    const { revision } = await existingManager(this.#commands, id);
    if (!mayDeleteManager(subject, id)) throw rejectionError({ code: 'not_allowed' });
    requireRevision(revision, ifRevision);
    const errors = new FieldErrors(context);
    if (await this.#queries.managesAthletes(id)) {
      errors.add('non_field_errors', 'The manager still manages athletes: delete them first.');
    }
    errors.throwIfAny();
    await this.#delete(id, 'DeleteManager', context, ifRevision);
  }

  async #delete(
    id: number,
    type: 'DeleteAthlete' | 'DeleteManager',
    context: CallContext,
    ifRevision: number | undefined,
  ): Promise<void> {
    const issued = context.commandContext();
    const command = { type, at: issued.at, by: issued.actor };
    const result = await this.#commands.change(id, command, issued, ifRevision);
    if (result.rejected) throw rejectionError(result.rejected);
    context.written(result.written);
    try {
      await this.#erasure.erase(id);
    } catch (error) {
      // The deletion is in the log: whoever follows it tries again.
      context.logger.warn({ err: error, user_id: id }, 'the data of a deleted user is erased later');
    }
  }
}
