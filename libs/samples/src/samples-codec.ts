import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  channelFields,
  channels,
  columnsOf,
  fromChannels,
  type ColumnsOf,
  type SampleColumns,
} from './columns.ts';

const FIRST_TIMESTAMP = 1;
const TIMESTAMP_DELTA = 2;
const FIRST_COLUMN = 3;

/** Bytes that are no `telemetry.v1.Samples`. */
export class SamplesError extends Error {
  override readonly name = 'SamplesError';
}

/**
 * The bytes of a `telemetry.v1.Samples`, written by hand since a day holds hundreds of thousands of numbers and the
 * generic encoder takes them one by one. Neighbouring timestamps differ by less than 2^31 ms; -0 is written 0.
 */
export function encodeSamples(samples: SampleColumns): Uint8Array {
  const writer = new BinaryWriter();
  channels.forEach((channel, index) => {
    const columns = columnsOf(samples, channel);
    if (columns.t.length === 0) return;
    writer.tag(index + 1, WireType.LengthDelimited).fork();
    writeChannel(writer, columns, channelFields[channel]);
    writer.join();
  });
  return writer.finish();
}

function writeChannel(writer: BinaryWriter, columns: ColumnsOf, fields: readonly string[]): void {
  const { t } = columns;
  writer.tag(FIRST_TIMESTAMP, WireType.Varint).int64(t[0] ?? 0);
  writer.tag(TIMESTAMP_DELTA, WireType.LengthDelimited).fork();
  for (let i = 0; i < t.length; i++) writer.sint32(i === 0 ? 0 : t[i]! - t[i - 1]!);
  writer.join();
  fields.forEach((field, index) => {
    const column = columns[field];
    if (column?.length !== t.length) {
      throw new SamplesError(`${field} has ${column?.length} values, its timestamps are ${t.length}`);
    }
    const bytes = new Uint8Array(column.length * 8);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < column.length; i++) view.setFloat64(i * 8, column[i]! + 0, true);
    writer.tag(FIRST_COLUMN + index, WireType.LengthDelimited).bytes(bytes);
  });
}

/** @throws SamplesError when the bytes are no samples or columns differ in length. */
export function decodeSamples(bytes: Uint8Array): SampleColumns {
  const found = new Map<number, Uint8Array>();
  try {
    eachField(bytes, (fieldNumber, wireType, reader) => {
      if (wireType !== WireType.LengthDelimited) return false;
      found.set(fieldNumber, reader.bytes());
      return true;
    });
    return fromChannels((channel) => {
      const content = found.get(channels.indexOf(channel) + 1);
      return content === undefined ? undefined : readChannel(content, channelFields[channel]);
    });
  } catch (error) {
    if (error instanceof SamplesError) throw error;
    throw new SamplesError('these bytes are no telemetry.v1.Samples', { cause: error });
  }
}

function readChannel(bytes: Uint8Array, fields: readonly string[]): ColumnsOf {
  let firstMs = 0;
  let deltas: number[] = [];
  const columns: Record<string, Float64Array> = {};
  eachField(bytes, (fieldNumber, wireType, reader) => {
    if (fieldNumber === FIRST_TIMESTAMP && wireType === WireType.Varint) {
      firstMs = Number(reader.int64());
      return true;
    }
    if (wireType !== WireType.LengthDelimited) return false;
    const content = reader.bytes();
    const field = fields[fieldNumber - FIRST_COLUMN];
    if (fieldNumber === TIMESTAMP_DELTA) deltas = readDeltas(content);
    else if (field !== undefined) columns[field] = readDoubles(content);
    return true;
  });
  const t = new Float64Array(deltas.length);
  let timestampMs = firstMs;
  for (let i = 0; i < t.length; i++) t[i] = timestampMs += deltas[i]!;
  for (const field of fields) {
    // A column of a later version of the message is missing in what an earlier one wrote.
    columns[field] ??= new Float64Array(t.length).fill(NaN);
    if (columns[field].length !== t.length) {
      throw new SamplesError(`${field} has ${columns[field].length} values, its timestamps are ${t.length}`);
    }
  }
  return { ...columns, t };
}

function readDeltas(bytes: Uint8Array): number[] {
  const reader = new BinaryReader(bytes);
  const deltas: number[] = [];
  while (reader.pos < reader.len) deltas.push(reader.sint32());
  return deltas;
}

function readDoubles(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0) throw new SamplesError('a packed column of doubles is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const doubles = new Float64Array(bytes.length / 8);
  for (let i = 0; i < doubles.length; i++) doubles[i] = view.getFloat64(i * 8, true);
  return doubles;
}

/** `read` answers whether it took the field's value; otherwise it is skipped. */
function eachField(
  bytes: Uint8Array,
  read: (fieldNumber: number, wireType: WireType, reader: BinaryReader) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag();
    if (!read(fieldNumber, wireType, reader)) reader.skip(wireType, fieldNumber);
  }
}
