import { type StoredEvent, TOMBSTONE_REVISION } from '../store/records.ts';
import { type ByteWriter, varintLength } from './byte-writer.ts';

/** Written by hand: a generic serializer took most of the time of reading the whole log. */

export type UuidForm = 'string' | 'structured';

/** An event as it is handed out: with the link that led to it, or a link that leads nowhere. */
export interface ResolvedEvent {
  readonly event: StoredEvent | undefined;
  readonly link: StoredEvent | undefined;
}

/** First bytes of fields: length-delimited and varint. */
const delimited = (field: number): number => (field << 3) | 2;
const varint = (field: number): number => field << 3;

/** An entry of the metadata map whose texts are ASCII and shorter than 128. */
const mapEntry = (key: string, value: string): Buffer => {
  const entry = Buffer.from(
    `\x0a${String.fromCharCode(key.length)}${key}\x12${String.fromCharCode(value.length)}${value}`,
    'latin1',
  );
  return Buffer.concat([Buffer.from([delimited(6), entry.length]), entry]);
};
const JSON_ENTRY = mapEntry('content-type', 'application/json');
const BINARY_ENTRY = mapEntry('content-type', 'application/octet-stream');
const TYPE_KEY = Buffer.from('\x0a\x04type\x12', 'latin1');
const CREATED_KEY = Buffer.from('\x0a\x07created\x12', 'latin1');

/** 2^63 - 1 as a varint. */
const TOMBSTONE_VARINT = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
/** `created` counts units of 100 ns since the epoch; the log keeps milliseconds. */
const TICKS_SUFFIX = '0000';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const DASHES_AFTER = new Set([3, 5, 7, 9]);

function uuidText(id: Uint8Array): string {
  let text = '';
  for (let i = 0; i < 16; i += 1) text += DASHES_AFTER.has(i) ? `${HEX[id[i] ?? 0]}-` : HEX[id[i] ?? 0];
  return text;
}

/** A message UUID with its field: as text, or as two 64-bit halves. */
function uuidField(id: Uint8Array, form: UuidForm): Buffer {
  if (form === 'string') return Buffer.from(`\x0a\x26\x12\x24${uuidText(id)}`, 'latin1');
  const bits = Buffer.from(id.buffer, id.byteOffset, id.byteLength);
  const halves = Buffer.concat([
    Buffer.from([varint(1)]),
    varint64(bits.readBigUInt64BE(0)),
    Buffer.from([varint(2)]),
    varint64(bits.readBigUInt64BE(8)),
  ]);
  return Buffer.concat([Buffer.from([delimited(1), halves.length + 2, delimited(1), halves.length]), halves]);
}

function varint64(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Bytes of a length-delimited field below number 16. */
const delimitedLength = (length: number): number => 1 + varintLength(length) + length;

interface Measured {
  readonly event: StoredEvent;
  readonly id: Buffer;
  readonly created: string;
  readonly nameLength: number;
  readonly typeLength: number;
  readonly typeEntryLength: number;
  /** Of the whole RecordedEvent. */
  readonly length: number;
}

function measure(event: StoredEvent, form: UuidForm): Measured {
  const id = uuidField(event.id, form);
  const created = event.createdMs + TICKS_SUFFIX;
  const nameLength = Buffer.byteLength(event.stream, 'utf8');
  const typeLength = Buffer.byteLength(event.type, 'utf8');
  const typeEntryLength = TYPE_KEY.length + varintLength(typeLength) + typeLength;
  const length =
    id.length +
    delimitedLength(delimitedLength(nameLength)) +
    1 +
    (event.revision === TOMBSTONE_REVISION ? TOMBSTONE_VARINT.length : varintLength(event.revision)) +
    2 * (1 + varintLength(event.position)) +
    (event.isJson ? JSON_ENTRY : BINARY_ENTRY).length +
    delimitedLength(typeEntryLength) +
    delimitedLength(CREATED_KEY.length + 1 + created.length) +
    delimitedLength(event.metadata.length) +
    delimitedLength(event.data.length);
  return { event, id, created, nameLength, typeLength, typeEntryLength, length };
}

function writeDelimited(out: ByteWriter, field: number, length: number): void {
  out.byte(delimited(field));
  out.varint(length);
}

function writeRecorded(
  out: ByteWriter,
  field: number,
  { event, id, created, nameLength, typeLength, typeEntryLength, length }: Measured,
): void {
  writeDelimited(out, field, length);
  out.bytes(id);
  writeDelimited(out, 2, delimitedLength(nameLength));
  writeDelimited(out, 3, nameLength);
  out.utf8(event.stream);
  out.byte(varint(3));
  if (event.revision === TOMBSTONE_REVISION) out.bytes(TOMBSTONE_VARINT);
  else out.varint(event.revision);
  out.byte(varint(4));
  out.varint(event.position);
  out.byte(varint(5));
  out.varint(event.position);
  out.bytes(event.isJson ? JSON_ENTRY : BINARY_ENTRY);
  writeDelimited(out, 6, typeEntryLength);
  out.bytes(TYPE_KEY);
  out.varint(typeLength);
  out.utf8(event.type);
  writeDelimited(out, 6, CREATED_KEY.length + 1 + created.length);
  out.bytes(CREATED_KEY);
  out.byte(created.length);
  out.latin1(created);
  writeDelimited(out, 7, event.metadata.length);
  out.bytes(event.metadata);
  writeDelimited(out, 8, event.data.length);
  out.bytes(event.data);
}

/** A measured `ReadResp` with an event; its bytes follow with `write`. */
export function readEvent(
  { event, link }: ResolvedEvent,
  form: UuidForm,
): { length: number; write: (out: ByteWriter) => void } {
  const measuredEvent = event && measure(event, form);
  const measuredLink = link && measure(link, form);
  const position = (link ?? event)?.position ?? 0;
  const inner =
    (measuredEvent ? delimitedLength(measuredEvent.length) : 0) +
    (measuredLink ? delimitedLength(measuredLink.length) : 0) +
    1 +
    varintLength(position);
  return {
    length: delimitedLength(inner),
    write: (out) => {
      writeDelimited(out, 1, inner);
      if (measuredEvent) writeRecorded(out, 1, measuredEvent);
      if (measuredLink) writeRecorded(out, 2, measuredLink);
      out.byte(varint(3));
      out.varint(position);
    },
  };
}
