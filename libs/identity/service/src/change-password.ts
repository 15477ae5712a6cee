import { fold } from '@touchline/event-log';
import {
  type Athlete,
  checkPassword,
  type Manager,
  mayChangeAthletePassword,
  mayChangeManagerPassword,
  required,
} from '@touchline/identity-domain';
import { type CallContext, FieldErrors } from '@touchline/rpc';
import { userOf } from './caller.ts';
import { loadCommonPasswords } from './common-passwords.ts';
import { existingAthlete, existingManager, requireRevision } from './existing-user.ts';
import type { UserCommands } from './execute.ts';
import type { AuthorizationCodes } from './oauth/authorization-codes.ts';
import type { RefreshTokens } from './oauth/refresh-tokens.ts';
import { hashPassword } from './passwords.ts';
import { rejectionError } from './rejection-status.ts';

interface Wanted {
  password: string;
  ifRevision?: number | undefined;
}

/** Changes passwords; every session but the caller's own ends. */
export class PasswordChanges {
  readonly #commands: UserCommands;
  readonly #refreshTokens: RefreshTokens;
  readonly #codes: AuthorizationCodes;

  constructor(commands: UserCommands, refreshTokens: RefreshTokens, codes: AuthorizationCodes) {
    this.#commands = commands;
    this.#refreshTokens = refreshTokens;
    this.#codes = codes;
  }

  async ofAthlete(id: number, wanted: Wanted, context: CallContext): Promise<void> {
    const subject = userOf(context.caller);
    const { athlete, revision } = await existingAthlete(this.#commands, id);
    if (!mayChangeAthletePassword(subject, id)) throw rejectionError({ code: 'not_allowed' });
    await this.#change(athlete, revision, wanted, context);
  }

  async ofManager(id: number, wanted: Wanted, context: CallContext): Promise<void> {
    const subject = userOf(context.caller);
    const { manager, revision } = await existingManager(this.#commands, id);
    if (!mayChangeManagerPassword(subject, id)) throw rejectionError({ code: 'not_allowed' });
    await this.#change(manager, revision, wanted, context);
  }

  async #change(
    { id, account }: Athlete | Manager,
    revision: number,
    { password, ifRevision }: Wanted,
    context: CallContext,
  ): Promise<void> {
    requireRevision(revision, ifRevision);
    const errors = new FieldErrors(context);
    if (password === '') errors.add('password', required);
    else {
      const rule = { isCommon: await loadCommonPasswords(), fold };
      for (const message of checkPassword(password, account?.username ?? '', rule))
        errors.add('password', message);
    }
    errors.throwIfAny();
    const issued = context.commandContext();
    const credentials = { passwordHash: await hashPassword(password) };
    const result = await this.#commands.change(
      id,
      { type: 'ChangePassword', credentials, at: issued.at, by: issued.actor },
      issued,
      ifRevision,
    );
    if (result.rejected) throw rejectionError(result.rejected);
    const { caller } = context;
    const own = caller.kind === 'user' && caller.id === id ? caller.sessionId : undefined;
    await this.#refreshTokens.revokeAllOf(id, own);
    await this.#codes.revokeAllOf(id);
    context.written(result.written);
  }
}
