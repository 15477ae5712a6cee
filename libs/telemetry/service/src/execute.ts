import {
  fold,
  loadStream,
  runCommand,
  type CommandContext,
  type CommandDone,
  type Decider,
  type NameReservations,
  type StreamLog,
} from '@touchline/event-log';
import {
  decideDevice,
  deviceStream,
  evolveDevice,
  initialDevice,
  type Device,
  type DeviceCommand,
  type DeviceEvent,
  type DeviceState,
} from '@touchline/telemetry-domain';
import { deviceEventCodec } from './event-codec.ts';
import { rejectionStatus, type DeviceRejection } from './rejection-status.ts';

const SERIAL = 'serial';

export interface ExecuteDependencies {
  readonly log: StreamLog;
  readonly reservations: NameReservations;
}

/** A device after a command. */
export interface Executed {
  readonly device: Device;
  readonly revision: number;
  readonly written: CommandDone<DeviceState, DeviceEvent>['written'];
}

/** Carries out commands on devices' streams. */
export class DeviceCommands {
  readonly #deps: ExecuteDependencies;

  constructor(deps: ExecuteDependencies) {
    this.#deps = deps;
  }

  /**
   * @param allowed whether the caller may, judged on the very state that the decision is made on
   * @param ifRevision the revision that the device must have for a change
   * @throws RpcError for a rejection, EventLogError
   */
  run(
    deviceId: number,
    command: DeviceCommand,
    allowed: (device: Device) => boolean,
    context: CommandContext,
    ifRevision?: number,
  ): Promise<Executed> {
    return this.#run(deviceId, command, allowed, context, ({ revision }) =>
      Promise.resolve(
        ifRevision === undefined || revision === ifRevision + 1
          ? undefined
          : { rejected: { code: 'revision_passed' } },
      ),
    );
  }

  /** Reserves the serial number, then registers. @throws RpcError for a rejection, EventLogError */
  register(
    command: Extract<DeviceCommand, { type: 'RegisterDevice' }>,
    context: CommandContext,
  ): Promise<Executed> {
    const { reservations } = this.#deps;
    return this.#run(
      command.deviceId,
      command,
      () => true,
      context,
      async (target) => {
        const reserved = await reservations.reserve({
          kind: SERIAL,
          text: command.serialNumber,
          target,
          holds: (stream) => this.#holdsSerial(stream, command.serialNumber),
          context,
        });
        return reserved === 'taken' ? { rejected: { code: 'serial_taken' } } : undefined;
      },
    );
  }

  async #run(
    deviceId: number,
    command: DeviceCommand,
    allowed: (device: Device) => boolean,
    context: CommandContext,
    reserve?: (target: {
      stream: string;
      revision: number;
    }) => Promise<{ rejected: DeviceRejection } | undefined>,
  ): Promise<Executed> {
    const decider: Decider<DeviceCommand, DeviceState, DeviceEvent, DeviceRejection> = {
      initial: initialDevice,
      evolve: evolveDevice,
      decide: (given, state) =>
        state.status === 'registered' && !allowed(state)
          ? { rejected: { code: 'forbidden' } }
          : decideDevice(given, state),
    };
    const result = await runCommand({
      log: this.#deps.log,
      stream: deviceStream(deviceId),
      codec: deviceEventCodec,
      decider,
      command,
      context,
      ...(reserve === undefined
        ? {}
        : {
            beforeAppend: (_events: readonly DeviceEvent[], target: { stream: string; revision: number }) =>
              reserve(target),
          }),
    });
    if (result.rejected !== undefined) throw rejectionStatus(result.rejected);
    if (result.state.status === 'missing') throw rejectionStatus({ code: 'device_missing' });
    return { device: result.state, revision: result.revision, written: result.written };
  }

  async #holdsSerial(stream: string, serialNumber: string): Promise<boolean> {
    const { state } = await loadStream(this.#deps.log, stream, deviceEventCodec, {
      initial: initialDevice,
      evolve: evolveDevice,
    });
    return state.status === 'registered' && fold(state.serialNumber) === fold(serialNumber);
  }
}
