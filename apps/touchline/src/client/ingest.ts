import { CommandError } from '../command-error.ts';
import type { ApiClient } from './api.ts';

interface IngestAnswer {
  readonly rejected: readonly { readonly index: number; readonly reason: string }[];
}

/** Sends frames of a device. @throws CommandError for the first frame that was rejected */
export async function ingest(api: ApiClient, device: number, frames: readonly unknown[]): Promise<void> {
  const { rejected } = await api.post<IngestAnswer>(`/devices/${device}/preprocessed/`, frames);
  const [first] = rejected;
  if (first) throw new CommandError(`A frame of device ${device} was rejected: ${first.reason}`);
}
