import {
  DeviceSchema,
  OwnershipSchema,
  type TelemetryService,
} from '@touchline/contracts/telemetry/v1/service';
import { encodeBinaryMessage } from '@touchline/event-log';
import { listMessages } from '@touchline/read-models';
import { FieldErrors, type Handlers } from '@touchline/rpc';
import { may, ownerOfList } from '@touchline/telemetry-domain';
import { actorOf, require } from '../callers.ts';
import { deviceMessage, ownershipMessage } from '../messages.ts';
import { listLimits, pageOf } from '../paging.ts';
import { deviceOf } from '../projections/devices.ts';
import { deviceOrderings } from '../queries.ts';
import { notFound } from '../rejection-status.ts';
import type { HandlerDependencies } from './dependencies.ts';

type DeviceQueryHandlers = Pick<
  Handlers<typeof TelemetryService>,
  'listDevices' | 'getDevice' | 'listOwnerships'
>;

export function deviceQueryHandlers({ devices, queries, now }: HandlerDependencies): DeviceQueryHandlers {
  return {
    async *listDevices({ options, filter }, context) {
      const actor = actorOf(context);
      require(may.listDevices(actor));
      const ordering = options?.ordering ?? [];
      const errors = new FieldErrors(context);
      for (const given of ordering) {
        if (given.replace(/^-/, '') in deviceOrderings) continue;
        errors.add('ordering', `"${given}" is none of ${Object.keys(deviceOrderings).join(', ')}.`);
      }
      errors.throwIfAny();
      const nowMs = now();
      const { page, limit } = pageOf(options, listLimits);
      const { count, rows } = await queries.list({
        owner: ownerOfList(actor),
        filter,
        options: { ordering, search: options?.search ?? '' },
        page,
        limit,
        nowMs,
      });
      yield* listMessages(count, rows, (row) =>
        encodeBinaryMessage(DeviceSchema, deviceMessage(deviceOf(row), row.revision, nowMs)),
      );
    },

    async getDevice({ device: id, filter }, context) {
      const actor = actorOf(context);
      const nowMs = now();
      const loaded = await devices.load(id);
      if (loaded === undefined) throw notFound();
      if (filter !== undefined && !(await queries.matches(id, ownerOfList(actor), filter, nowMs)))
        throw notFound();
      require(may.retrieveDevice(actor, loaded.device));
      return { device: deviceMessage(loaded.device, loaded.revision, nowMs) };
    },

    async *listOwnerships({ device: id, options }, context) {
      const actor = actorOf(context);
      const loaded = await devices.load(id);
      if (loaded === undefined) throw notFound();
      require(may.listOwnerships(actor, loaded.device));
      const owner = ownerOfList(actor);
      const { from, to } = pageOf(options, listLimits);
      const ownerships = loaded.device.ownerships
        .filter(({ manager }) => owner === undefined || manager === owner)
        .sort((a, b) => a.id - b.id);
      yield* listMessages(ownerships.length, ownerships.slice(from, to), (ownership) =>
        encodeBinaryMessage(OwnershipSchema, ownershipMessage(ownership)),
      );
    },
  };
}
