import type { Frame as FrameMessage } from '@touchline/contracts/telemetry/v1/frames';
import type { CommandContext } from '@touchline/event-log';
import { refusal, splitByDay, type Frame } from '@touchline/telemetry-domain';
import type { Counts } from './day-writer.ts';
import type { DayWriters } from './day-writers.ts';
import { frameOf } from './frames.ts';

export interface Ingested extends Counts {
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/**
 * Stores the samples of a device's well-formed frames, each once.
 *
 * @throws IngestOverloaded, EventLogError, MongoError
 */
export async function ingest(
  writers: DayWriters,
  deviceId: number,
  frames: readonly FrameMessage[],
  context: CommandContext,
): Promise<Ingested> {
  const accepted: Frame[] = [];
  const rejected: { index: number; reason: string }[] = [];
  for (const [index, message] of frames.entries()) {
    const frame = frameOf(message);
    const reason = refusal(frame, context.at);
    if (reason === undefined) accepted.push(frame);
    else rejected.push({ index, reason });
  }
  const counts = await writers.submit(deviceId, splitByDay(accepted), context);
  return { ...counts, rejected };
}
