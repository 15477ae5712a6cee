import { type MessageInitShape } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { KeyState } from '@touchline/contracts/common/v1/common';
import {
  IdentityService,
  type IssueTokenRequest,
  type KeysResponseSchema,
} from '@touchline/contracts/identity/v1/service';
import { type KeySource } from '@touchline/event-log';
import {
  isExtraPermission,
  mayIssueToken,
  mayListAthletes,
  mayRetrieveAccount,
  mayRetrieveAthlete,
  maySetExtraPermissions,
} from '@touchline/identity-domain';
import { FieldErrors, implement, type Implementation } from '@touchline/rpc';
import { requireService, subjectOf } from './caller.ts';
import { type AccountCreation } from './create-accounts.ts';
import { type UserCommands } from './execute.ts';
import { accountFromDocuments, athleteFromDocument, managerFromState } from './messages.ts';
import { type GrantRequest, type TokenIssuer } from './oauth/issue-token.ts';
import { type Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';

export interface HandlerDependencies {
  commands: UserCommands;
  creation: AccountCreation;
  queries: Queries;
  tokens: TokenIssuer;
  keys: KeySource;
}

/** Checks come in the API's order: existence, role or right, fields, rights on what the body names, uniqueness. */
export function identityHandlers({
  commands,
  creation,
  queries,
  tokens,
  keys,
}: HandlerDependencies): Implementation {
  return implement(IdentityService, {
    async issueToken({ clientId, clientSecret, grant }, { caller }) {
      if (!mayIssueToken(subjectOf(caller))) throw rejectionError({ code: 'not_allowed' });
      return tokens.issue({ id: clientId, secret: clientSecret }, grantRequest(grant));
    },

    async createManager(request, context) {
      return { manager: await creation.createManager(request, context) };
    },

    async createAthlete(request, context) {
      return { athlete: await creation.createAthlete(request, context) };
    },

    async createManagedAthlete(request, context) {
      return { athlete: await creation.createManagedAthlete(request, context) };
    },

    async setExtraPermissions({ manager, extraPermissions }, context) {
      const subject = subjectOf(context.caller);
      if (subject.kind === 'anonymous') throw rejectionError({ code: 'not_signed_in' });
      const { state } = await commands.load(manager);
      if (state.role !== 'MANAGER') throw rejectionError({ code: 'not_a_manager' });
      if (!maySetExtraPermissions(subject)) throw rejectionError({ code: 'not_allowed' });
      const errors = new FieldErrors(context);
      for (const name of extraPermissions.filter((one) => !isExtraPermission(one))) {
        errors.add('extra_permissions', `"${name.slice(0, 50)}" is not a valid choice.`);
      }
      errors.throwIfAny();
      const issued = context.commandContext();
      const result = await commands.change(
        manager,
        {
          type: 'SetExtraPermissions',
          extraPermissions: extraPermissions.filter(isExtraPermission),
          at: issued.at,
          by: issued.actor,
        },
        issued,
      );
      if (result.rejected) throw rejectionError(result.rejected);
      context.written(result.written);
      return { manager: managerFromState(result.state, result.revision) };
    },

    async getAccount(_request, { caller }) {
      const subject = subjectOf(caller);
      if (subject.kind === 'anonymous' || !mayRetrieveAccount(subject))
        throw rejectionError({ code: 'not_signed_in' });
      const [account, athlete] = await Promise.all([
        queries.account(subject.id),
        queries.athlete(subject.id),
      ]);
      if (!account) throw rejectionError({ code: 'no_such_account' });
      return { account: accountFromDocuments(account, athlete) };
    },

    async getAthlete({ athlete: id, filter }, context) {
      const subject = subjectOf(context.caller);
      if (subject.kind === 'anonymous') throw rejectionError({ code: 'not_signed_in' });
      const document = await queries.athlete(id);
      if (!document) throw rejectionError({ code: 'no_such_athlete' });
      const readableNow = document.readers.some(
        ({ manager, startMs, endMs }) =>
          manager === subject.id && startMs <= Date.now() && Date.now() < endMs,
      );
      if (!mayRetrieveAthlete(subject, { id, readableNow })) throw rejectionError({ code: 'not_allowed' });
      new FieldErrors(context).throwIfAny();
      if (filter && !(await queries.matches(id, filter))) throw rejectionError({ code: 'no_such_athlete' });
      return { athlete: athleteFromDocument(document) };
    },

    async *listAthletes({ options, filter }, context) {
      const subject = subjectOf(context.caller);
      if (subject.kind === 'anonymous') throw rejectionError({ code: 'not_signed_in' });
      if (!mayListAthletes(subject)) throw rejectionError({ code: 'not_allowed' });
      const errors = new FieldErrors(context);
      const reader = subject.role === 'ADMIN' ? undefined : { manager: subject.id, atMs: Date.now() };
      const page = await queries.list({ options, filter, reader, errors });
      yield { item: { case: 'count', value: page.count } };
      for await (const document of page.rows) {
        yield { item: { case: 'athlete', value: athleteFromDocument(document) } };
      }
    },

    async getAthletes({ athletes, reader, at }, { caller }) {
      requireService(caller);
      const readAt = reader === 0 ? undefined : { manager: reader, atMs: at ? timestampMs(at) : Date.now() };
      const documents = await queries.athletes(athletes, readAt);
      return { athletes: documents.map(athleteFromDocument) };
    },

    async keys({ keyIds }, { caller }) {
      requireService(caller);
      return { keys: keyMessages(keyIds, await keys.get(keyIds)) };
    },
  });
}

function grantRequest(grant: IssueTokenRequest['grant']): GrantRequest {
  switch (grant.case) {
    case 'password': {
      const { username, password, scope } = grant.value;
      return { type: 'password', username, password, scope };
    }
    case 'refresh':
      return { type: 'refresh_token', refreshToken: grant.value.refreshToken };
    case undefined:
      return { type: 'unsupported' };
    default:
      return grant satisfies never;
  }
}

function keyMessages(
  keyIds: readonly string[],
  found: Awaited<ReturnType<KeySource['get']>>,
): NonNullable<MessageInitShape<typeof KeysResponseSchema>['keys']> {
  return keyIds.map((keyId) => {
    const lookup = found.get(keyId) ?? { state: 'unknown' };
    switch (lookup.state) {
      case 'present':
        return { keyId, state: KeyState.PRESENT, key: lookup.key };
      case 'destroyed':
        return { keyId, state: KeyState.DESTROYED };
      case 'unknown':
        return { keyId, state: KeyState.UNKNOWN };
      default:
        return lookup satisfies never;
    }
  });
}
