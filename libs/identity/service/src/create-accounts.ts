import { type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AthleteSchema,
  type CreateAthleteRequest,
  type CreateManagedAthleteRequest,
  type CreateManagerRequest,
  type ManagerSchema,
} from '@touchline/contracts/identity/v1/service';
import { fold, nameBasedUuid } from '@touchline/event-log';
import {
  type AccountData,
  checkAccount,
  checkAthleteProfile,
  checkExternalId,
  checkManagerProfile,
  type CreateUser,
  type FieldProblems,
  mayCreateAthlete,
  mayCreateManagedAthletes,
  mayCreateManager,
  mayManageFor,
  normaliseAthleteProfile,
  required,
  type Subject,
  type UserState,
} from '@touchline/identity-domain';
import { type CallContext, type CommandContext, FieldErrors } from '@touchline/rpc';
import { subjectOf } from './caller.ts';
import { loadCommonPasswords } from './common-passwords.ts';
import { type UserCommands } from './execute.ts';
import { athleteFromState, managerFromState } from './messages.ts';
import { generatePassword, hashPassword } from './passwords.ts';
import { athleteProfileInputOf, managerProfileOf } from './personal-messages.ts';
import { rejectionError } from './rejection-status.ts';

type Created = { state: UserState; revision: number };

/** The commands that make users. Each answers the whole resource, from the state after its events. */
export class AccountCreation {
  readonly #commands: UserCommands;

  constructor(commands: UserCommands) {
    this.#commands = commands;
  }

  async createManager(
    request: CreateManagerRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof ManagerSchema>> {
    if (!mayCreateManager(subjectOf(context.caller))) throw rejectionError({ code: 'not_allowed' });
    const profile = request.profile && managerProfileOf(request.profile);
    const issued = context.commandContext();
    const account = await checked(request, context, checkManagerProfile(profile));
    const { state, revision } = await this.#create(context, issued, {
      type: 'CreateManager',
      account,
      profile: profile ?? unchecked(),
      credentials: await credentialsOf(request.password),
    });
    return managerFromState(state, revision);
  }

  async createAthlete(
    request: CreateAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    if (!mayCreateAthlete(subjectOf(context.caller))) throw rejectionError({ code: 'not_allowed' });
    const profile = request.profile && athleteProfileInputOf(request.profile);
    const issued = context.commandContext();
    const account = await checked(request, context, checkAthleteProfile(profile, issued.at));
    const { state, revision } = await this.#create(context, issued, {
      type: 'CreateAthlete',
      account,
      profile: normaliseAthleteProfile(profile ?? unchecked()),
      credentials: await credentialsOf(request.password),
    });
    return athleteFromState(state, revision);
  }

  async createManagedAthlete(
    request: CreateManagedAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    const { externalId, managedBy } = request;
    const subject = subjectOf(context.caller);
    if (subject.kind === 'anonymous') throw rejectionError({ code: 'not_signed_in' });
    if (!mayCreateManagedAthletes(subject, await this.#rightsOf(subject)))
      throw rejectionError({ code: 'not_allowed' });

    const issued = context.commandContext();
    const profile = request.profile && athleteProfileInputOf(request.profile);
    const errors = new FieldErrors(context);
    addProblems(errors, checkAthleteProfile(profile, issued.at));
    addProblems(errors, checkExternalId(externalId));
    if (managedBy === 0) errors.add('managed_by', required);
    else if (!(await this.#isManager(managedBy, subject))) {
      errors.add('managed_by', `Invalid pk "${managedBy}" - object does not exist.`);
    }
    errors.throwIfAny();
    if (!mayManageFor(subject, managedBy)) throw rejectionError({ code: 'not_allowed' });

    const { state, revision } = await this.#create(context, issued, {
      type: 'CreateManagedAthlete',
      managedBy,
      // The same for a command sent again, so that its first reservation is found.
      account: accountData(`MANAGED-${nameBasedUuid(`managed athlete ${issued.commandId}`)}`, '', externalId),
      profile: normaliseAthleteProfile(profile ?? unchecked()),
    });
    return athleteFromState(state, revision);
  }

  async #rightsOf(subject: Extract<Subject, { kind: 'user' }>) {
    if (subject.role !== 'MANAGER') return { extraPermissions: [] };
    const { state } = await this.#commands.load(subject.id);
    return { extraPermissions: state.role === 'MANAGER' ? state.extraPermissions : [] };
  }

  async #isManager(userId: number, subject: Extract<Subject, { kind: 'user' }>): Promise<boolean> {
    if (subject.role === 'MANAGER' && subject.id === userId) return true;
    return (await this.#commands.load(userId)).state.role === 'MANAGER';
  }

  async #create(context: CallContext, issued: CommandContext, command: NewUser): Promise<Created> {
    const result = await this.#commands.create(
      (userId) => ({ ...command, userId, at: issued.at, by: issued.actor }),
      issued,
    );
    if (result.rejected) throw rejectionError(result.rejected);
    context.written(result.written);
    return result;
  }
}

type Without<Command, Key extends string> = Command extends unknown ? Omit<Command, Key> : never;
type NewUser = Without<CreateUser, 'userId' | 'at' | 'by'>;

/** @throws RpcError `invalid` with everything that is wrong with the fields */
async function checked(
  request: CreateManagerRequest | CreateAthleteRequest,
  context: CallContext,
  profileProblems: FieldProblems,
): Promise<AccountData> {
  const { username, email, password, externalId } = request;
  const errors = new FieldErrors(context);
  const isCommon = password === undefined ? () => false : await loadCommonPasswords();
  addProblems(errors, checkAccount({ username, email, password, externalId }, { isCommon, fold }));
  addProblems(errors, profileProblems);
  errors.throwIfAny();
  return accountData(username, email, externalId);
}

function accountData(username: string, email: string, externalId: string | undefined): AccountData {
  return { username, email, ...(externalId === undefined ? {} : { externalId }) };
}

function addProblems(errors: FieldErrors, problems: FieldProblems): void {
  for (const [field, messages] of Object.entries(problems)) {
    const parent = field.includes('.') ? field.slice(0, field.indexOf('.')) : undefined;
    // An object that came wrong as a whole has no fields to complain about.
    if (parent !== undefined && errors.has(parent)) continue;
    for (const message of messages) errors.add(field, message);
  }
}

async function credentialsOf(password: string | undefined): Promise<{ passwordHash: string }> {
  return { passwordHash: await hashPassword(password ?? generatePassword()) };
}

function unchecked(): never {
  throw new Error('A profile that is missing passed its check.');
}
