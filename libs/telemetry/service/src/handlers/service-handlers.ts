import type { MessageInitShape } from '@bufbuild/protobuf';
import { type KeySchema, KeyState } from '@touchline/contracts/common/v1/common';
import type { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import type { KeyLookup } from '@touchline/event-log';
import { type Handlers, RpcError } from '@touchline/rpc';
import { type Ownership, ownedThroughout } from '@touchline/telemetry-domain';
import { requireService } from '../callers.ts';
import { deviceMessage, optionalMs } from '../messages.ts';
import { deviceOf } from '../projections/devices.ts';
import type { HandlerDependencies } from './dependencies.ts';

type ServiceHandlers = Pick<Handlers<typeof TelemetryService>, 'checkOwnership' | 'getDevices' | 'keys'>;

/** What only other contexts may ask. */
export function serviceHandlers({ devices, queries, keys, now }: HandlerDependencies): ServiceHandlers {
  return {
    async checkOwnership({ windows }, context) {
      requireService(context);
      const asked = windows.map(({ device, manager, startTime, endTime }) => {
        const [startMs, endMs] = [optionalMs(startTime), optionalMs(endTime)];
        if (startMs === undefined || endMs === undefined || startMs >= endMs) {
          throw new RpcError('invalid', 'A window needs a start_time before its end_time.');
        }
        return { device, manager, startMs, endMs };
      });
      const shown = await queries.ownershipsOf(new Set(asked.map(({ device }) => device)));
      const checked = asked.map(async ({ device, manager, startMs, endMs }) => {
        const owns = (ownerships: readonly Ownership[]) =>
          ownedThroughout(ownerships, manager, { startMs, endMs });
        if (owns(shown.get(device) ?? [])) return { deviceExists: true, owned: true };
        // What is not shown yet may have been written: before somebody is refused, the device's stream is asked.
        const loaded = await devices.load(device);
        return {
          deviceExists: loaded !== undefined,
          owned: loaded !== undefined && owns(loaded.device.ownerships),
        };
      });
      return { checked: await Promise.all(checked) };
    },

    async getDevices({ devices: ids }, context) {
      requireService(context);
      const nowMs = now();
      const found = await queries.byIds(ids);
      return {
        devices: found.map((document) => deviceMessage(deviceOf(document), document.revision, nowMs)),
      };
    },

    async keys({ keyIds }, context) {
      requireService(context);
      const found = await keys.get(keyIds);
      return { keys: keyIds.map((keyId) => ({ keyId, ...keyMessage(found.get(keyId)) })) };
    },
  };
}

function keyMessage(
  lookup: KeyLookup = { state: 'unknown' },
): Pick<MessageInitShape<typeof KeySchema>, 'state' | 'key'> {
  switch (lookup.state) {
    case 'present':
      return { state: KeyState.PRESENT, key: lookup.key };
    case 'destroyed':
      return { state: KeyState.DESTROYED };
    case 'unknown':
      return { state: KeyState.UNKNOWN };
    default:
      return lookup satisfies never;
  }
}
