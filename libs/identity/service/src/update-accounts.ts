import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AthleteSchema,
  ManagerSchema,
  UpdateAthleteRequest,
  UpdateManagedAthleteRequest,
  UpdateManagerRequest,
} from '@touchline/contracts/identity/v1/service';
import { fold } from '@touchline/event-log';
import {
  type AccountData,
  type AthleteProfile,
  type Changes,
  type ChangeUser,
  checkAccount,
  checkAthleteProfile,
  checkExternalId,
  checkManagerProfile,
  mayManageFor,
  mayUpdateAthlete,
  mayUpdateManagedAthlete,
  mayUpdateManager,
  normaliseAthleteProfile,
  required,
} from '@touchline/identity-domain';
import { type CallContext, type CommandContext, FieldErrors } from '@touchline/rpc';
import { userOf } from './caller.ts';
import { clearedOf } from './cleared-fields.ts';
import { existingAthlete, existingManager, requireRevision } from './existing-user.ts';
import type { UserCommands } from './execute.ts';
import { accountData, addProblems } from './field-checks.ts';
import { athleteFromState, managerFromState } from './messages.ts';
import { athleteProfileInputOf, managerProfileOf } from './personal-messages.ts';
import type { Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';

/** No password is changed here, so none is common. */
const accountRule = { isCommon: () => false, fold };

/** The commands that change accounts and profiles. Each answers the whole resource. */
export class AccountUpdates {
  readonly #commands: UserCommands;
  readonly #queries: Queries;

  constructor(commands: UserCommands, queries: Queries) {
    this.#commands = commands;
    this.#queries = queries;
  }

  async updateAthlete(
    request: UpdateAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    const { athlete: id, filter, ifRevision } = request;
    const subject = userOf(context.caller);
    const { revision } = await existingAthlete(this.#commands, id);
    if (!mayUpdateAthlete(subject, id)) throw rejectionError({ code: 'not_allowed' });
    if (filter && !(await this.#queries.matches(id, filter)))
      throw rejectionError({ code: 'no_such_athlete' });
    requireRevision(revision, ifRevision);
    const issued = context.commandContext();
    const errors = new FieldErrors(context);
    const account = checkedAccount(request, errors);
    const profile = checkedAthleteProfile(request, errors, issued.at);
    errors.throwIfAny();
    const change = { type: 'UpdateAthlete', account, profile, at: issued.at, by: issued.actor } as const;
    const result = await this.#change(id, change, context, issued, ifRevision);
    return athleteFromState(result.state, result.revision);
  }

  async updateManagedAthlete(
    request: UpdateManagedAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    const { athlete: id, externalId, managedBy, ifRevision } = request;
    const subject = userOf(context.caller);
    const { athlete, revision } = await existingAthlete(this.#commands, id);
    const rights = await this.#commands.rightsOf(subject);
    if (!mayUpdateManagedAthlete(subject, athlete, rights)) throw rejectionError({ code: 'not_allowed' });
    requireRevision(revision, ifRevision);
    const issued = context.commandContext();
    const errors = new FieldErrors(context);
    addProblems(errors, checkExternalId(externalId));
    const profile = checkedAthleteProfile(request, errors, issued.at);
    if (managedBy === 0) errors.add('managed_by', required);
    else if (!(await this.#commands.isManager(managedBy))) {
      errors.add('managed_by', `Invalid pk "${managedBy}" - object does not exist.`);
    }
    errors.throwIfAny();
    if (!mayManageFor(subject, managedBy) || athlete.managedBy !== managedBy)
      throw rejectionError({ code: 'not_allowed' });
    const account = {
      ...clearedOf.account(request.cleared),
      ...(externalId !== undefined && { externalId }),
    };
    const change = { type: 'UpdateAthlete', account, profile, at: issued.at, by: issued.actor } as const;
    const result = await this.#change(id, change, context, issued, ifRevision);
    return athleteFromState(result.state, result.revision);
  }

  async updateManager(
    request: UpdateManagerRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof ManagerSchema>> {
    const { manager: id, ifRevision } = request;
    const subject = userOf(context.caller);
    const { revision } = await existingManager(this.#commands, id);
    if (!mayUpdateManager(subject, id)) throw rejectionError({ code: 'not_allowed' });
    requireRevision(revision, ifRevision);
    const issued = context.commandContext();
    const errors = new FieldErrors(context);
    const account = checkedAccount(request, errors);
    const profile = {
      ...clearedOf.managerProfile(request.cleared),
      ...(request.profile && managerProfileOf(request.profile)),
    };
    if (request.profile) addProblems(errors, checkManagerProfile(managerProfileOf(request.profile)));
    errors.throwIfAny();
    const change = { type: 'UpdateManager', account, profile, at: issued.at, by: issued.actor } as const;
    const result = await this.#change(id, change, context, issued, ifRevision);
    return managerFromState(result.state, result.revision);
  }

  async #change(
    id: number,
    command: ChangeUser,
    context: CallContext,
    issued: CommandContext,
    ifRevision: number | undefined,
  ) {
    const result = await this.#commands.change(id, command, issued, ifRevision);
    if (result.rejected) throw rejectionError(result.rejected);
    context.written(result.written);
    return result;
  }
}

function checkedAccount(
  { username, email, externalId, cleared }: UpdateAthleteRequest | UpdateManagerRequest,
  errors: FieldErrors,
): Changes<AccountData> {
  addProblems(errors, checkAccount({ username, email, externalId }, accountRule));
  return { ...clearedOf.account(cleared), ...accountData(username, email, externalId) };
}

/** @returns what is to change: nothing when no profile came */
function checkedAthleteProfile(
  { profile: message, cleared }: UpdateAthleteRequest | UpdateManagedAthleteRequest,
  errors: FieldErrors,
  atMs: number,
): Changes<AthleteProfile> {
  if (!message) return {};
  const profile = athleteProfileInputOf(message);
  addProblems(errors, checkAthleteProfile(profile, atMs));
  return { ...clearedOf.athleteProfile(cleared), ...normaliseAthleteProfile(profile) };
}
