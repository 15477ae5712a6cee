import { findElement, rawDocument, readElements } from '../bson/reader.ts';
import { BsonType, type RawElement, type RawValue } from '../bson/types.ts';
import { InvalidBson, validateDocument } from '../bson/validate.ts';
import { BsonWriter, type EncodableDocument } from '../bson/writer.ts';
import { crc32c } from './crc32c.ts';

export const OpCode = { reply: 1, query: 2004, compressed: 2012, message: 2013 } as const;
export const headerLength = 16;

const checksumPresent = 1;
const moreToCome = 1 << 1;
const knownRequiredFlags = checksumPresent | moreToCome;

/** A command as it arrived; arrays that came as a section of their own stand in `sequences`. */
export interface Request {
  readonly requestId: number;
  readonly opCode: typeof OpCode.query | typeof OpCode.message;
  /** False when the client does not want to hear anything, not even of an error. */
  readonly answered: boolean;
  readonly body: RawValue;
  readonly elements: readonly RawElement[];
  readonly sequences: ReadonlyMap<string, readonly RawValue[]>;
}

/** The message cannot be understood: there is nothing to answer, and the connection must end. */
export class MalformedMessage extends Error {
  override name = 'MalformedMessage';
}

/** Reads one whole message, header included. */
export function parseMessage(message: Buffer): Request {
  const opCode = message.readInt32LE(12);
  try {
    if (opCode === OpCode.message) return parseOpMessage(message);
    if (opCode === OpCode.query) return parseOpQuery(message);
  } catch (error) {
    if (error instanceof InvalidBson || error instanceof RangeError)
      throw new MalformedMessage(error.message);
    throw error;
  }
  throw new MalformedMessage(`unknown opcode ${opCode}`);
}

function parseOpMessage(message: Buffer): Request {
  if (message.length < headerLength + 5) throw new MalformedMessage('OP_MSG without a section');
  const flags = message.readUInt32LE(headerLength);
  if ((flags & 0xffff & ~knownRequiredFlags) !== 0)
    throw new MalformedMessage(`unknown OP_MSG flags ${flags}`);
  let end = message.length;
  if (flags & checksumPresent) {
    end -= 4;
    if (end < headerLength + 5 || crc32c(message.subarray(0, end)) !== message.readUInt32LE(end))
      throw new MalformedMessage('OP_MSG with a wrong checksum');
  }
  let body: RawValue | undefined;
  const sequences = new Map<string, RawValue[]>();
  let at = headerLength + 4;
  while (at < end) {
    const kind = message[at];
    at += 1;
    if (kind === 0) {
      if (body !== undefined) throw new MalformedMessage('OP_MSG with two bodies');
      const next = validateDocument(message, at, end);
      body = rawDocument(message, at);
      at = next;
    } else if (kind === 1) {
      const size = end - at >= 5 ? message.readInt32LE(at) : -1;
      if (size < 5 || size > end - at) throw new MalformedMessage(`document sequence of ${size} bytes`);
      const sectionEnd = at + size;
      const nameEnd = message.indexOf(0, at + 4);
      if (nameEnd < 0 || nameEnd >= sectionEnd)
        throw new MalformedMessage('document sequence without a name');
      const name = message.toString('utf8', at + 4, nameEnd);
      if (sequences.has(name)) throw new MalformedMessage(`two document sequences called ${name}`);
      sequences.set(name, parseSequence(message, nameEnd + 1, sectionEnd));
      at = sectionEnd;
    } else throw new MalformedMessage(`unknown OP_MSG section kind ${kind}`);
  }
  if (body === undefined) throw new MalformedMessage('OP_MSG without a body');
  return request(message, OpCode.message, (flags & moreToCome) === 0, body, sequences);
}

function parseSequence(message: Buffer, start: number, end: number): RawValue[] {
  const documents: RawValue[] = [];
  let at = start;
  while (at < end) {
    const next = validateDocument(message, at, end);
    documents.push(rawDocument(message, at));
    at = next;
  }
  return documents;
}

/** The old form, in which a driver says its first word: flags, `db.$cmd`, skip, return, query. */
function parseOpQuery(message: Buffer): Request {
  const nameEnd = message.indexOf(0, headerLength + 4);
  if (nameEnd < 0 || nameEnd + 9 > message.length) throw new MalformedMessage('OP_QUERY cut short');
  const namespace = message.toString('utf8', headerLength + 4, nameEnd);
  if (!namespace.endsWith('.$cmd'))
    throw new MalformedMessage(`OP_QUERY on ${namespace}, which is no command`);
  validateDocument(message, nameEnd + 9, message.length);
  let body = rawDocument(message, nameEnd + 9);
  const wrapped = findElement(message, body.start, Buffer.from('$query'));
  if (wrapped?.type === BsonType.object) body = wrapped;
  return request(message, OpCode.query, true, body, new Map());
}

function request(
  message: Buffer,
  opCode: Request['opCode'],
  answered: boolean,
  body: RawValue,
  sequences: Request['sequences'],
): Request {
  const elements = readElements(body.bytes, body.start);
  return { requestId: message.readInt32LE(4), opCode, answered, body, elements, sequences };
}

let lastReplyId = 0;

/** The bytes of an answer, in the form in which the question came. */
export function encodeReply(to: Request, document: EncodableDocument): Buffer {
  const writer = new BsonWriter(256, headerLength);
  writer.reserve(to.opCode === OpCode.message ? 5 : 20);
  writer.document(document);
  const reply = writer.finish();
  lastReplyId = (lastReplyId + 1) | 0;
  reply.writeInt32LE(reply.length, 0);
  reply.writeInt32LE(lastReplyId, 4);
  reply.writeInt32LE(to.requestId, 8);
  reply.writeInt32LE(to.opCode === OpCode.message ? OpCode.message : OpCode.reply, 12);
  if (to.opCode === OpCode.message) {
    reply.writeUInt32LE(0, headerLength);
    reply[headerLength + 4] = 0;
  } else {
    reply.writeInt32LE(8, headerLength); // awaitCapable
    reply.writeBigInt64LE(0n, headerLength + 4);
    reply.writeInt32LE(0, headerLength + 12);
    reply.writeInt32LE(1, headerLength + 16);
  }
  return reply;
}
