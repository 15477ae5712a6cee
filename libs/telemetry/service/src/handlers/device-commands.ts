import { UserRole } from '@touchline/contracts/permission/v1/service';
import type { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { FieldErrors, type CallContext, type Handlers } from '@touchline/rpc';
import { may, mayNameOwner, type Actor, type Device, type DeviceCommand } from '@touchline/telemetry-domain';
import { actorOf, require } from '../callers.ts';
import type { Executed } from '../execute.ts';
import { checkName, REQUIRED } from '../field-rules.ts';
import { createIngestToken, hashIngestToken } from '../ingest-token.ts';
import { deviceMessage, optionalMs } from '../messages.ts';
import { forbidden, notFound, rejectionStatus } from '../rejection-status.ts';
import type { HandlerDependencies } from './dependencies.ts';

type DeviceCommandHandlers = Pick<
  Handlers<typeof TelemetryService>,
  'registerDevice' | 'rotateIngestToken' | 'setCustomName' | 'takeOwnership' | 'releaseOwnership'
>;

/** Existence, right, fields, rights on what the body names, uniqueness and overlap: in this order. */
export function deviceCommandHandlers(deps: HandlerDependencies): DeviceCommandHandlers {
  const { commands, devices, now } = deps;

  const answer = ({ device, revision, written }: Executed, context: CallContext) => {
    context.written(written);
    return deviceMessage(device, revision, now());
  };
  const requireDevice = async (
    id: number,
    allowed: (device: Device) => boolean,
    ifRevision?: number,
  ): Promise<void> => {
    const loaded = await devices.load(id);
    if (loaded === undefined) throw notFound();
    require(allowed(loaded.device));
    if (ifRevision !== undefined && loaded.revision !== ifRevision) {
      throw rejectionStatus({ code: 'revision_passed' });
    }
  };

  return {
    async registerDevice({ serialNumber, customName }, context) {
      const actor = actorOf(context);
      require(may.createDevice(actor));
      const errors = new FieldErrors(context);
      if (serialNumber.trim() === '') {
        errors.add('serial_number', serialNumber === '' ? REQUIRED : 'This field may not be blank.');
      }
      checkName(errors, 'serial_number', serialNumber);
      if (customName !== undefined) checkName(errors, 'custom_name', customName);
      errors.throwIfAny();
      const at = now();
      const ingestToken = createIngestToken();
      const executed = await commands.register(
        {
          type: 'RegisterDevice',
          at,
          by: issuer(actor),
          deviceId: await deps.deviceIds.next(),
          serialNumber,
          ...(customName === undefined ? {} : { customName }),
          ingestTokenHash: hashIngestToken(ingestToken),
        },
        context.commandContext(at),
      );
      return { device: answer(executed, context), ingestToken };
    },

    async rotateIngestToken({ device: id }, context) {
      const actor = actorOf(context);
      const at = now();
      const allowed = (device: Device) => may.rotateIngestToken(actor, device, at);
      await requireDevice(id, allowed);
      new FieldErrors(context).throwIfAny();
      const ingestToken = createIngestToken();
      const command: DeviceCommand = {
        type: 'RotateIngestToken',
        at,
        by: issuer(actor),
        ingestTokenHash: hashIngestToken(ingestToken),
      };
      const executed = await commands.run(id, command, allowed, context.commandContext(at));
      return { device: answer(executed, context), ingestToken };
    },

    async setCustomName({ device: id, customName, ifRevision }, context) {
      const actor = actorOf(context);
      const at = now();
      const allowed = (device: Device) => may.setCustomName(actor, device, at);
      await requireDevice(id, allowed, ifRevision);
      const errors = new FieldErrors(context);
      checkName(errors, 'custom_name', customName);
      errors.throwIfAny();
      const command: DeviceCommand = { type: 'RenameDevice', at, by: issuer(actor), customName };
      return {
        device: answer(
          await commands.run(id, command, allowed, context.commandContext(at), ifRevision),
          context,
        ),
      };
    },

    async takeOwnership({ device: id, startTime, owner }, context) {
      const actor = actorOf(context);
      await requireDevice(id, () => may.takeOwnership(actor));
      const errors = new FieldErrors(context);
      const by = issuer(actor);
      const manager = owner ?? (by.isAdmin ? undefined : by.userId);
      if (manager === undefined) errors.add('owner', REQUIRED);
      else if (manager !== by.userId || by.isAdmin) {
        const role = await deps.roleOf(manager, context);
        if (role === undefined) errors.add('owner', `There is no user with the id ${manager}.`);
        else if (role !== UserRole.MANAGER) errors.add('owner', `User ${manager} is no manager.`);
      }
      errors.throwIfAny();
      if (manager === undefined || !mayNameOwner(actor, manager)) throw forbidden();
      const at = now();
      const startMs = optionalMs(startTime);
      const command: DeviceCommand = {
        type: 'TakeOwnership',
        at,
        by,
        ownershipId: await deps.ownershipIds.next(),
        manager,
        ...(startMs === undefined ? {} : { startMs }),
      };
      return {
        device: answer(await commands.run(id, command, () => true, context.commandContext(at)), context),
      };
    },

    async releaseOwnership({ device: id, endTime }, context) {
      const actor = actorOf(context);
      // An ADMIN may, but there must be an owner; a manager who is not the owner may not, whether there is one or none.
      const allowed = (device: Device) => may.releaseOwnership(actor, device);
      await requireDevice(id, allowed);
      new FieldErrors(context).throwIfAny();
      const at = now();
      const endMs = optionalMs(endTime);
      const command: DeviceCommand = {
        type: 'ReleaseOwnership',
        at,
        by: issuer(actor),
        ...(endMs === undefined ? {} : { endMs }),
      };
      return {
        device: answer(await commands.run(id, command, allowed, context.commandContext(at)), context),
      };
    },
  };
}

/** Callers that are no users have been refused before. */
function issuer(actor: Actor): { userId: number; isAdmin: boolean } {
  if (actor.role === 'ANONYMOUS' || actor.role === 'DEVICE') throw forbidden();
  return { userId: actor.userId, isAdmin: actor.role === 'ADMIN' };
}
