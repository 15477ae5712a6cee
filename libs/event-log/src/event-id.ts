import { hash } from 'node:crypto';

/** Namespace of the project's name-based UUIDs; stored ids depend on it for ever. */
const NAMESPACE = Buffer.from('6f1c2a0e7d0b5c1f9a5e3b7f4d2c8e61', 'hex');

/** A name-based UUID (version 5, RFC 9562 section 5.5) in the project's namespace. */
export function nameBasedUuid(name: string): string {
  const digest = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name, 'utf8')]), 'buffer');
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of a command's event: the same whenever the command is carried out again. `index` counts within the append. */
export function eventId(commandId: string, stream: string, index: number): string {
  return nameBasedUuid(JSON.stringify([commandId, stream, index]));
}
