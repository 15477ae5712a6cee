import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { ReadEntry } from '@touchline/read-models';
import type {
  ExportAthleteResponseSchema,
  TelemetryService,
} from '@touchline/contracts/telemetry/v1/service';
import type { Handlers } from '@touchline/rpc';
import { type Interval, may, Rows, wornDays } from '@touchline/telemetry-domain';
import { actorOf, require } from '../callers.ts';
import { rowMessage } from '../messages.ts';
import { readRecording } from '../recordings.ts';
import { forbidden } from '../rejection-status.ts';
import { wornDevices } from '../worn-devices.ts';
import type { HandlerDependencies } from './dependencies.ts';
import { ROWS_A_MESSAGE } from './recording-handlers.ts';

type Item = MessageInitShape<typeof ExportAthleteResponseSchema>;

/** What devices recorded while the caller wore them, day by day, and who read of those times. */
export function exportHandlers(
  deps: HandlerDependencies,
): Pick<Handlers<typeof TelemetryService>, 'exportAthlete'> {
  return {
    async *exportAthlete(_request, context) {
      const actor = actorOf(context);
      require(may.exportAccount(actor));
      if (!('userId' in actor)) throw forbidden();
      for (const { device, intervals } of await wornDevices(actor.userId, deps)) {
        const days = wornDays(device, intervals, deps.now());
        for (const ofDay of days.values()) {
          const samples = await readRecording(deps, device, ofDay, context.signal);
          const rows = new Rows(samples);
          for (let start = 0; start < rows.count; start += ROWS_A_MESSAGE) {
            const some = rows.slice(start, start + ROWS_A_MESSAGE).map((row) => rowMessage(row, samples));
            yield { item: { case: 'rows', value: { device, rows: some } } };
          }
        }
        for await (const entry of deps.audit.of([...days.keys()])) {
          if (days.get(entry.subject)?.some((interval) => overlap(entry, interval)))
            yield readItem(device, entry);
        }
      }
    },
  };
}

function overlap({ startMs = -Infinity, endMs = Infinity }: ReadEntry, interval: Interval): boolean {
  return startMs < interval.endMs && interval.startMs < endMs;
}

function readItem(device: number, { reader, at, what, startMs, endMs }: ReadEntry): Item {
  const value = {
    reader,
    at: timestampFromDate(at),
    what,
    device,
    ...(startMs === undefined ? {} : { startTime: timestampFromMs(startMs) }),
    ...(endMs === undefined ? {} : { endTime: timestampFromMs(endMs) }),
  };
  return { item: { case: 'read', value } };
}
