import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { KeyState } from '@touchline/contracts/common/v1/common';
import {
  AthleteSchema,
  IdentityService,
  type KeysResponseSchema,
} from '@touchline/contracts/identity/v1/service';
import { encodeBinaryMessage, type KeySource } from '@touchline/event-log';
import {
  isExtraPermission,
  mayExportAccount,
  mayListAthletes,
  mayRetrieveAccount,
  mayRetrieveAthlete,
  mayRetrieveManager,
  maySetExtraPermissions,
} from '@touchline/identity-domain';
import { listMessages, RowEncoder } from '@touchline/read-models';
import { FieldErrors, implement, type Implementation } from '@touchline/rpc';
import type { AthleteExport } from './athlete-export.ts';
import { requireService, userOf } from './caller.ts';
import type { PasswordChanges } from './change-password.ts';
import type { AccountCreation } from './create-accounts.ts';
import type { AccountDeletions } from './delete-accounts.ts';
import { requireRevision } from './existing-user.ts';
import type { UserCommands } from './execute.ts';
import { findAthlete, findManager } from './find-by-external-id.ts';
import {
  accountFromDocuments,
  athleteFromDocument,
  managerFromDocument,
  managerFromState,
} from './messages.ts';
import { tokenHandlers, type TokenHandlerDependencies } from './oauth/token-handlers.ts';
import type { ProfileReads } from './profile-reads.ts';
import { type AthleteDocument, isReadableBy } from './projections/athletes.ts';
import type { Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';
import type { AccountUpdates } from './update-accounts.ts';

export interface HandlerDependencies extends TokenHandlerDependencies {
  commands: UserCommands;
  creation: AccountCreation;
  updates: AccountUpdates;
  deletions: AccountDeletions;
  passwords: PasswordChanges;
  queries: Queries;
  reads: ProfileReads;
  athleteExport: AthleteExport;
  keys: KeySource;
}

const athleteRows = new RowEncoder<AthleteDocument>((document) =>
  encodeBinaryMessage(AthleteSchema, athleteFromDocument(document)),
);

/** Checks come in the API's order: existence, role or right, fields, rights on what the body names, uniqueness. */
export function identityHandlers({
  commands,
  creation,
  updates,
  deletions,
  passwords,
  queries,
  authorization,
  tokens,
  inspection,
  revocations,
  reads,
  athleteExport,
  keys,
}: HandlerDependencies): Implementation {
  return implement(IdentityService, {
    ...tokenHandlers({ authorization, tokens, inspection, revocations }),

    async createManager(request, context) {
      return { manager: await creation.createManager(request, context) };
    },

    async createAthlete(request, context) {
      return { athlete: await creation.createAthlete(request, context) };
    },

    async createManagedAthlete(request, context) {
      return { athlete: await creation.createManagedAthlete(request, context) };
    },

    async updateAthlete(request, context) {
      return { athlete: await updates.updateAthlete(request, context) };
    },

    async updateManagedAthlete(request, context) {
      return { athlete: await updates.updateManagedAthlete(request, context) };
    },

    async deleteAthlete(request, context) {
      await deletions.deleteAthlete(request, context);
      return {};
    },

    async deleteManagedAthlete(request, context) {
      await deletions.deleteManagedAthlete(request, context);
      return {};
    },

    async deleteManager(request, context) {
      await deletions.deleteManager(request, context);
      return {};
    },

    async changeAthletePassword({ athlete, ...wanted }, context) {
      await passwords.ofAthlete(athlete, wanted, context);
      return {};
    },

    async updateManager(request, context) {
      return { manager: await updates.updateManager(request, context) };
    },

    async changeManagerPassword({ manager, ...wanted }, context) {
      await passwords.ofManager(manager, wanted, context);
      return {};
    },

    async getManager({ manager: id }, context) {
      const subject = userOf(context.caller);
      const account = await queries.account(id);
      if (account?.role !== 'MANAGER') throw rejectionError({ code: 'not_a_manager' });
      if (!mayRetrieveManager(subject, id)) throw rejectionError({ code: 'not_allowed' });
      new FieldErrors(context).throwIfAny();
      return { manager: managerFromDocument(account) };
    },

    async findManager({ externalId }, context) {
      return { manager: managerFromDocument(await findManager(externalId, queries, context)) };
    },

    async findAthlete({ externalId }, context) {
      const found = await findAthlete(externalId, queries, context);
      await reads.record(userOf(context.caller).id, [found._id]);
      return { athlete: athleteFromDocument(found) };
    },

    async setExtraPermissions({ manager, extraPermissions, ifRevision }, context) {
      const subject = userOf(context.caller);
      const { state, revision } = await commands.load(manager);
      if (state.role !== 'MANAGER') throw rejectionError({ code: 'not_a_manager' });
      if (!maySetExtraPermissions(subject)) throw rejectionError({ code: 'not_allowed' });
      requireRevision(revision, ifRevision);
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
        ifRevision,
      );
      if (result.rejected) throw rejectionError(result.rejected);
      context.written(result.written);
      return { manager: managerFromState(result.state, result.revision) };
    },

    async getAccount(_request, { caller }) {
      const subject = userOf(caller);
      if (!mayRetrieveAccount(subject)) throw rejectionError({ code: 'not_signed_in' });
      const [account, athlete] = await Promise.all([
        queries.account(subject.id),
        queries.athlete(subject.id),
      ]);
      if (!account) throw rejectionError({ code: 'no_such_account' });
      return { account: accountFromDocuments(account, athlete) };
    },

    async getAthlete({ athlete: id, filter }, context) {
      const subject = userOf(context.caller);
      const document = await queries.athlete(id);
      if (!document) throw rejectionError({ code: 'no_such_athlete' });
      const readableNow = isReadableBy(document, subject.id, Date.now());
      if (!mayRetrieveAthlete(subject, { id, readableNow })) throw rejectionError({ code: 'not_allowed' });
      new FieldErrors(context).throwIfAny();
      if (filter && !(await queries.matches(id, filter))) throw rejectionError({ code: 'no_such_athlete' });
      await reads.record(subject.id, [id]);
      return { athlete: athleteFromDocument(document) };
    },

    async *listAthletes({ options, filter }, context) {
      const subject = userOf(context.caller);
      if (!mayListAthletes(subject)) throw rejectionError({ code: 'not_allowed' });
      const errors = new FieldErrors(context);
      const reader = subject.role === 'ADMIN' ? undefined : { manager: subject.id, atMs: Date.now() };
      const shown: number[] = [];
      const show = (document: Buffer) => {
        const { id, bytes } = athleteRows.row(document);
        shown.push(id);
        return bytes;
      };
      try {
        const pages = queries.list({ options, filter, reader, errors });
        for await (const { count, rows } of pages) yield* listMessages(count, rows, show);
      } finally {
        await reads.record(subject.id, shown);
      }
    },

    async getAthletes({ athletes, reader, at, asker }, { caller }) {
      requireService(caller);
      const readAt = reader === 0 ? undefined : { manager: reader, atMs: at ? timestampMs(at) : Date.now() };
      const documents = await queries.athletes(athletes, readAt);
      if (asker !== 0) {
        await reads.record(
          asker,
          documents.map(({ _id }) => _id),
        );
      }
      return { athletes: documents.map(athleteFromDocument) };
    },

    async *exportAthlete(_request, { caller }) {
      const subject = userOf(caller);
      if (!mayExportAccount(subject)) throw rejectionError({ code: 'not_allowed' });
      yield* athleteExport.of(subject.id);
    },

    async keys({ keyIds }, { caller }) {
      requireService(caller);
      return { keys: keyMessages(keyIds, await keys.get(keyIds)) };
    },
  });
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
