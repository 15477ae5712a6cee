import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AthleteSchema,
  CreateAthleteRequest,
  CreateManagedAthleteRequest,
  CreateManagerRequest,
  ManagerSchema,
} from '@touchline/contracts/identity/v1/service';
import { fold, nameBasedUuid } from '@touchline/event-log';
import {
  type AccountData,
  type AthleteProfileInput,
  checkAccount,
  checkAthleteProfile,
  checkExternalId,
  checkManagerProfile,
  type CreateUser,
  type FieldProblems,
  isUser,
  mayCreateAthlete,
  mayCreateManagedAthletes,
  mayCreateManager,
  mayManageFor,
  normaliseAthleteProfile,
  required,
  type UserEvent,
  type UserState,
} from '@touchline/identity-domain';
import { type CallContext, type CommandContext, FieldErrors } from '@touchline/rpc';
import { subjectOf, userOf } from './caller.ts';
import { loadCommonPasswords } from './common-passwords.ts';
import type { UserCommands } from './execute.ts';
import { accountData, addProblems, unchecked } from './field-checks.ts';
import type { CredentialsMails } from './mail/credentials-mail.ts';
import { athleteFromState, managerFromState } from './messages.ts';
import { generatePassword, hashPassword } from './passwords.ts';
import { athleteProfileInputOf, managerProfileOf } from './personal-messages.ts';
import { rejectionError } from './rejection-status.ts';

type Created = { events: readonly UserEvent[]; state: UserState; revision: number };

/** The commands that make users. Each answers the whole resource, from the state after its events. */
export class AccountCreation {
  readonly #commands: UserCommands;
  readonly #mails: Pick<CredentialsMails, 'send'>;

  constructor(commands: UserCommands, mails: Pick<CredentialsMails, 'send'>) {
    this.#commands = commands;
    this.#mails = mails;
  }

  async createManager(
    request: CreateManagerRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof ManagerSchema>> {
    if (!mayCreateManager(subjectOf(context.caller))) throw rejectionError({ code: 'not_allowed' });
    const profile = request.profile && managerProfileOf(request.profile);
    const issued = context.commandContext();
    const athleteProfile = request.athleteProfile && athleteProfileInputOf(request.athleteProfile);
    const account = await checked(request, context, {
      ...checkManagerProfile(profile),
      ...(request.createDefaultAthlete ? checkAthleteProfile(athleteProfile, issued.at) : {}),
    });
    const password = request.password ?? generatePassword();
    const created = await this.#create(context, issued, {
      type: 'CreateManager',
      account,
      profile: profile ?? unchecked(),
      credentials: { passwordHash: await hashPassword(password) },
    });
    this.#mail(created, account, request.password === undefined ? password : undefined);
    if (request.createDefaultAthlete && isUser(created.state)) {
      const commandId = nameBasedUuid(`default athlete ${issued.commandId}`);
      await this.#createManaged(
        context,
        { ...issued, commandId },
        { managedBy: created.state.id, profile: athleteProfile ?? unchecked() },
      );
    }
    return managerFromState(created.state, created.revision);
  }

  async createAthlete(
    request: CreateAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    if (!mayCreateAthlete(subjectOf(context.caller))) throw rejectionError({ code: 'not_allowed' });
    const profile = request.profile && athleteProfileInputOf(request.profile);
    const issued = context.commandContext();
    const account = await checked(request, context, checkAthleteProfile(profile, issued.at));
    const password = request.password ?? generatePassword();
    const created = await this.#create(context, issued, {
      type: 'CreateAthlete',
      account,
      profile: normaliseAthleteProfile(profile ?? unchecked()),
      credentials: { passwordHash: await hashPassword(password) },
    });
    this.#mail(created, account, request.password === undefined ? password : undefined);
    return athleteFromState(created.state, created.revision);
  }

  async createManagedAthlete(
    request: CreateManagedAthleteRequest,
    context: CallContext,
  ): Promise<MessageInitShape<typeof AthleteSchema>> {
    const { externalId, managedBy } = request;
    const subject = userOf(context.caller);
    if (!mayCreateManagedAthletes(subject, await this.#commands.rightsOf(subject)))
      throw rejectionError({ code: 'not_allowed' });

    const issued = context.commandContext();
    const profile = request.profile && athleteProfileInputOf(request.profile);
    const errors = new FieldErrors(context);
    addProblems(errors, checkAthleteProfile(profile, issued.at));
    addProblems(errors, checkExternalId(externalId));
    if (managedBy === 0) errors.add('managed_by', required);
    else if (!(await this.#commands.isManager(managedBy))) {
      errors.add('managed_by', `Invalid pk "${managedBy}" - object does not exist.`);
    }
    errors.throwIfAny();
    if (!mayManageFor(subject, managedBy)) throw rejectionError({ code: 'not_allowed' });

    const wanted = { managedBy, externalId, profile: profile ?? unchecked() };
    const { state, revision } = await this.#createManaged(context, issued, wanted);
    return athleteFromState(state, revision);
  }

  #createManaged(
    context: CallContext,
    issued: CommandContext,
    wanted: { managedBy: number; externalId?: string | undefined; profile: AthleteProfileInput },
  ): Promise<Created> {
    // The same for a command sent again, so that its first reservation is found.
    const username = `MANAGED-${nameBasedUuid(`managed athlete ${issued.commandId}`)}`;
    return this.#create(context, issued, {
      type: 'CreateManagedAthlete',
      managedBy: wanted.managedBy,
      account: accountData(username, '', wanted.externalId),
      profile: normaliseAthleteProfile(wanted.profile),
    });
  }

  /** A command that was sent again created nobody this time, and its new password is nobody's. */
  #mail({ events, state }: Created, account: AccountData, generatedPassword: string | undefined): void {
    if (events.length === 0 || !isUser(state)) return;
    const { email, username } = account;
    this.#mails.send(state.id, { email, username, generatedPassword });
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
