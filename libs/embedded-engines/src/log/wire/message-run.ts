import { ByteWriter } from './byte-writer.ts';
import { readEvent, type ResolvedEvent, type UuidForm } from './read-event.ts';

/** Length of the frame that gRPC puts before each message: a compression flag and a 32-bit length. */
const FRAME_BYTES = 5;
/** Most calls answer a few events; the buffer grows with those that answer many. */
const INITIAL_BYTES = 1024;

/** Framed messages that go out in one write. */
export interface MessageRun {
  readonly frames: Buffer;
}

/** Gathers messages of one call, each in its gRPC frame. */
export class MessageRunBuilder {
  readonly #out = new ByteWriter(INITIAL_BYTES);

  get length(): number {
    return this.#out.length;
  }

  add(message: Uint8Array): void {
    this.#frame(message.length);
    this.#out.bytes(message);
  }

  addEvent(resolved: ResolvedEvent, form: UuidForm): void {
    const { length, write } = readEvent(resolved, form);
    this.#frame(length);
    write(this.#out);
  }

  take(): MessageRun {
    return { frames: this.#out.take() };
  }

  #frame(length: number): void {
    this.#out.reserve(FRAME_BYTES + length);
    this.#out.byte(0);
    this.#out.uint32BigEndian(length);
  }
}

/**
 * The serializer of responses that are sent in runs. The server puts one frame around what a serializer returns, by
 * asking for its length and then having it copied to behind the frame; a run brings its frames along and takes that
 * place, too. So hundreds of events cost one write of HTTP/2 instead of hundreds, which is what bounds reading.
 */
export function serializeRun({ frames }: MessageRun): Buffer {
  const first = frames.subarray(FRAME_BYTES);
  return Object.defineProperty(first, 'copy', {
    value: (target: Buffer, targetStart: number) => frames.copy(target, targetStart - FRAME_BYTES),
  });
}
