import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { PermissionSchema, PermissionService, UserRole } from '@touchline/contracts/permission/v1/service';
import { encodeBinaryMessage } from '@touchline/event-log';
import {
  type Grant,
  isActive,
  mayGrantPermission,
  mayListPermissions,
  mayRevokePermissions,
  maySharePermission,
  type PermissionCommand,
  type UserCreated,
} from '@touchline/permission-domain';
import { listMessages } from '@touchline/read-models';
import { type CallContext, FieldErrors, implement, type Implementation, RpcError } from '@touchline/rpc';
import { requireService, subjectOf } from './caller.ts';
import { kindOf, wireKindOf } from './event-codec.ts';
import type { PermissionCommands } from './execute.ts';
import type { Queries } from './queries.ts';
import { rejectionError } from './rejection-status.ts';

/** Checks come in the API's order: existence of athlete and manager, role or right, fields. */
export function permissionHandlers(commands: PermissionCommands, queries: Queries): Implementation {
  return implement(PermissionService, {
    async grant(request, context) {
      const athlete = await existing(commands, request.athlete, request.manager, context);
      if (!mayGrantPermission(subjectOf(context.caller), athlete.userId)) throw rejectionError('not_allowed');
      const kind = kindOf(request.kind);
      const startMs = request.startTime && timestampMs(request.startTime);
      const endMs = request.expirationTime && timestampMs(request.expirationTime);
      const issued = context.commandContext();
      const errors = new FieldErrors(context);
      if (!kind) errors.add('permission', 'This field is required.');
      if (endMs !== undefined && endMs <= (startMs ?? issued.at)) {
        errors.add('expiration_time', 'The expiration time must be later than the start time.');
      }
      errors.throwIfAny();
      if (!kind) throw new Error('A kind that is missing passed its check.');
      const { at, actor: by } = issued;
      const command = {
        type: 'GrantPermission',
        manager: request.manager,
        kind,
        startMs,
        endMs,
        at,
        by,
      } as const;
      const result = await commands.grant(athlete, command, issued);
      if (result.rejected) throw rejectionError(result.rejected);
      context.written(result.written);
      const grant = result.state.grants.get(result.permissionId);
      if (!grant) throw new Error('A grant that was written is not in the state.');
      return { permission: permissionMessage(grant, at) };
    },

    async share(request, context) {
      const athlete = await existing(commands, request.athlete, undefined, context);
      const subject = subjectOf(context.caller);
      const issued = context.commandContext();
      const { at, actor: by } = issued;
      const sharer = subject.kind === 'user' && subject.role === 'MANAGER' ? subject.id : undefined;
      const sharesNow = (await commands.grants(athlete)).some(
        (grant) => grant.kind === 'SHARE' && grant.manager === sharer && isActive(grant, at),
      );
      if (!maySharePermission(subject, sharesNow)) throw rejectionError('not_allowed');
      const startMs = request.startTime && timestampMs(request.startTime);
      const endMs = request.expirationTime && timestampMs(request.expirationTime);
      const errors = new FieldErrors(context);
      const { manager } = request;
      if (manager === 0) errors.add('manager', 'This field is required.');
      else if (manager === sharer) errors.add('manager', 'Name another manager.');
      else if ((await commands.user(manager))?.role !== 'MANAGER')
        errors.add('manager', `Invalid pk "${manager}" - object does not exist.`);
      if (endMs !== undefined && endMs <= (startMs ?? at)) {
        errors.add('expiration_time', 'The expiration time must be later than the start time.');
      }
      errors.throwIfAny();
      const command = { type: 'SharePermission', sharer, manager, startMs, endMs, at, by } as const;
      const result = await commands.grant(athlete, command, issued);
      if (result.rejected) throw rejectionError(result.rejected);
      context.written(result.written);
      const grant = result.state.grants.get(result.permissionId);
      if (!grant) throw new Error('A grant that was written is not in the state.');
      return { permission: permissionMessage(grant, at) };
    },

    async revoke({ athlete: athleteId, manager, permission }, context) {
      const athlete = await existing(commands, athleteId, manager, context);
      const issued = context.commandContext();
      const command: PermissionCommand =
        permission === undefined
          ? { type: 'RevokePermissions', manager, at: issued.at, by: issued.actor }
          : { type: 'RevokePermission', manager, permissionId: permission, at: issued.at, by: issued.actor };
      const allowed = mayRevokePermissions(subjectOf(context.caller), athlete.userId);
      if (!allowed) {
        // The permission is a resource of the path: when it is missing that comes first.
        if (permission !== undefined && !(await queries.has(permission, athleteId, manager))) {
          throw rejectionError('no_such_permission');
        }
        throw rejectionError('not_allowed');
      }
      const result = await commands.run(athlete, command, issued);
      if (result.rejected) throw rejectionError(result.rejected);
      context.written(result.written);
      return {};
    },

    async *listPermissions({ athlete: athleteId, manager, options }, context) {
      const athlete = await existing(commands, athleteId, manager, context);
      if (!mayListPermissions(subjectOf(context.caller), athlete.userId)) throw rejectionError('not_allowed');
      new FieldErrors(context).throwIfAny();
      const page = await queries.list({ athlete: athleteId, manager, options });
      const nowMs = Date.now();
      yield* listMessages(page.count, page.rows, ({ _id: id, ...grant }) =>
        encodeBinaryMessage(PermissionSchema, permissionMessage({ id, ...grant }, nowMs)),
      );
    },

    async check({ manager, kind: wireKind, windows }, { caller }) {
      requireService(caller);
      const kind = kindOf(wireKind);
      if (!kind) throw new RpcError('invalid', 'The kind must be READ, WRITE or SHARE.');
      const asked = windows.map(({ athlete, startTime, endTime }) => {
        if (!startTime || !endTime) throw new RpcError('invalid', 'A window needs start_time and end_time.');
        return { athlete, startMs: timestampMs(startTime), endMs: timestampMs(endTime) };
      });
      return { covered: await queries.covered(manager, kind, asked) };
    },

    async getUsers({ users }, { caller }) {
      requireService(caller);
      const documents = await queries.users(users);
      return {
        users: documents.map(({ _id: id, role, managedBy }) => ({
          id,
          role: wireRoles[role],
          managedBy: managedBy ?? undefined,
        })),
      };
    },
  });
}

const wireRoles = { ATHLETE: UserRole.ATHLETE, MANAGER: UserRole.MANAGER, ADMIN: UserRole.ADMIN } as const;

/** The athlete of the path; whoever asks, he and the manager must exist. */
async function existing(
  commands: PermissionCommands,
  athleteId: number,
  managerId: number | undefined,
  { caller }: CallContext,
): Promise<UserCreated> {
  if (subjectOf(caller).kind === 'anonymous') throw rejectionError('not_signed_in');
  const [athlete, manager] = await Promise.all([
    commands.user(athleteId),
    managerId === undefined ? undefined : commands.user(managerId),
  ]);
  if (athlete?.role !== 'ATHLETE') throw rejectionError('no_such_athlete');
  if (managerId !== undefined && manager?.role !== 'MANAGER') throw rejectionError('no_such_manager');
  return athlete;
}

function permissionMessage(grant: Grant, nowMs: number): MessageInitShape<typeof PermissionSchema> {
  const { id, manager, athlete, kind, startMs, endMs } = grant;
  return {
    id,
    manager,
    athlete,
    kind: wireKindOf(kind),
    startTime: timestampFromMs(startMs),
    expirationTime: timestampFromMs(endMs),
    isActive: isActive(grant, nowMs),
  };
}
