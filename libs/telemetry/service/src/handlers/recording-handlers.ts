import type { TelemetryService } from '@touchline/contracts/telemetry/v1/service';
import { FieldErrors, type Handlers } from '@touchline/rpc';
import { type Interval, may, ownedWithin, ownerOfList, Rows, wornDays } from '@touchline/telemetry-domain';
import { actorOf, ingestCallOf, require } from '../callers.ts';
import { REQUIRED } from '../field-rules.ts';
import { ingest } from '../ingest/ingest.ts';
import { optionalMs, rowMessage } from '../messages.ts';
import { pageOf, rowLimits } from '../paging.ts';
import { readRecording } from '../recordings.ts';
import { notFound } from '../rejection-status.ts';
import type { HandlerDependencies } from './dependencies.ts';

type RecordingHandlers = Pick<Handlers<typeof TelemetryService>, 'ingest' | 'readPreprocessed'>;

const MAX_WINDOW_MS = 2 * 86_400_000;
export const ROWS_A_MESSAGE = 1000;

export function recordingHandlers(deps: HandlerDependencies): RecordingHandlers {
  const { devices, writers, now } = deps;
  return {
    async ingest({ device: id, frames }, context) {
      const { actor, loaded } = await ingestCallOf(context, id, deps);
      const at = now();
      if (loaded === undefined) throw notFound();
      require(may.ingestPreprocessed(actor, loaded.device, at));
      new FieldErrors(context).throwIfAny();
      const command = context.commandContext(at);
      const { accepted, duplicates, rejected } = await ingest(
        writers,
        id,
        frames,
        actor.role === 'DEVICE' ? { ...command, actor: `device:${actor.deviceId}` } : command,
      );
      return { accepted, duplicates, rejected: [...rejected] };
    },

    async *readPreprocessed({ device: id, startTime, stopTime, page, limit }, context) {
      const actor = actorOf(context);
      const loaded = await devices.load(id);
      if (loaded === undefined) throw notFound();
      require(may.listPreprocessed(actor, loaded.device));
      const window = windowOf(optionalMs(startTime), optionalMs(stopTime), new FieldErrors(context));
      const owner = ownerOfList(actor);
      const intervals = owner === undefined ? [window] : ownedWithin(loaded.device.ownerships, owner, window);
      const samples = await readRecording(deps, id, intervals, context.signal);
      const rows = new Rows(samples);
      if (rows.count > 0 && 'userId' in actor) await recordRead(deps, actor.userId, id, intervals);
      yield { item: { case: 'count', value: rows.count } };
      const { from, to } = pageOf({ page, limit }, rowLimits);
      for (let start = from; start < Math.min(to, rows.count); start += ROWS_A_MESSAGE) {
        const some = rows.slice(start, Math.min(start + ROWS_A_MESSAGE, to));
        yield { item: { case: 'rows', value: { rows: some.map((row) => rowMessage(row, samples)) } } };
      }
    },
  };
}

/** @throws RpcError `invalid` */
function windowOf(
  startMs: number | undefined,
  stopMs: number | undefined,
  errors: FieldErrors,
): { startMs: number; endMs: number } {
  if (startMs === undefined) errors.add('start', REQUIRED);
  if (stopMs === undefined) errors.add('stop', REQUIRED);
  if (startMs !== undefined && stopMs !== undefined) {
    if (stopMs < startMs) errors.add('stop', 'The window must not stop before it starts.');
    if (stopMs - startMs > MAX_WINDOW_MS) errors.add('stop', 'The window may be at most two days long.');
  }
  errors.throwIfAny();
  return { startMs: startMs ?? 0, endMs: stopMs ?? 0 };
}

/** Whoever wore the device then may know it; who that was may be said later. */
async function recordRead(
  { audit, now }: Pick<HandlerDependencies, 'audit' | 'now'>,
  reader: number,
  device: number,
  intervals: readonly Interval[],
): Promise<void> {
  const days = [...wornDays(device, intervals, now())];
  await audit.record(
    reader,
    days.flatMap(([subject, ofDay]) =>
      ofDay.map((window) => ({ subject, what: 'samples' as const, window })),
    ),
  );
}
