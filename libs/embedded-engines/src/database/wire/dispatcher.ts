import { readElements, readString } from '../bson/reader.ts';
import { BsonType } from '../bson/types.ts';
import type { EncodableDocument } from '../bson/writer.ts';
import { Arguments } from '../commands/arguments.ts';
import type { Context } from '../commands/context.ts';
import { commandOf } from '../commands/registry.ts';
import { DatabaseError } from '../errors.ts';
import { isTrue } from '../query/filter.ts';
import { isCorrupt, isDiskFull } from '../storage/file-error.ts';
import { checkDatabaseName } from '../storage/store.ts';
import type { Request } from './messages.ts';

/** Told of errors that are the engine's or the machine's and not the client's. */
export type FaultListener = (message: string, error: unknown) => void;

const quietMs = 2_000;
const unsyncedMs = 100;

interface Waiting {
  readonly reply: EncodableDocument;
  /** It must outlive the machine's power, too. */
  readonly isDurable: boolean;
  readonly settle: (reply: EncodableDocument) => void;
}

/**
 * Executes commands. What is written within one turn of the event loop is one transaction; its answers, and those
 * of reads that may have seen what it wrote, are held back until it is committed, and those of writes with a concern for
 * the majority or the journal until it lies on disk. Everything else lies there within a tenth of a second.
 */
export class Dispatcher {
  readonly #context: Context;
  readonly #onFault: FaultListener;
  #waiting: Waiting[] = [];
  #unsynced: Waiting[] = [];
  #commitScheduled = false;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> | undefined;
  #committedAt = 0;

  constructor(context: Context, onFault: FaultListener) {
    this.#context = context;
    this.#onFault = onFault;
  }

  async execute(request: Request, connectionId: number): Promise<EncodableDocument> {
    let reply: EncodableDocument;
    try {
      reply = await this.#run(request, connectionId);
    } catch (error) {
      if (!(error instanceof DatabaseError)) return this.#fault(error, isWrite(request));
      reply = errorReply(error);
    }
    if (!this.#context.store.inTransaction) return reply;
    return new Promise((settle) => {
      this.#waiting.push({ reply, isDurable: isDurable(request), settle });
      this.#scheduleCommit();
    });
  }

  #run(request: Request, connectionId: number): EncodableDocument | Promise<EncodableDocument> {
    const name = request.elements[0]?.name ?? '';
    const command = commandOf(name);
    if (command === undefined) throw new DatabaseError('CommandNotFound', `no such command: '${name}'`);
    const args = new Arguments(name, request.elements, request.sequences);
    const invocation = { database: databaseOf(request), args, connectionId };
    if (command.writes) {
      this.#context.store.begin();
      this.#scheduleCommit();
    }
    return command.handler(this.#context, invocation);
  }

  #scheduleCommit(): void {
    if (this.#commitScheduled) return;
    this.#commitScheduled = true;
    setImmediate(() => this.commit());
  }

  /** Commits what was written, and answers those who wait for no more. */
  commit(): void {
    this.#commitScheduled = false;
    if (!this.#context.store.inTransaction) return;
    try {
      this.#context.store.commit();
      this.#committedAt = Date.now();
    } catch (error) {
      this.#fault(error, true);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.isDurable) this.#unsynced.push(one);
      else one.settle(one.reply);
    }
    if (this.#unsynced.length > 0) void this.sync();
    else this.#syncTimer ??= setTimeout(() => void this.sync(), unsyncedMs).unref();
  }

  /** Puts on disk what was committed, and answers those who wait for it. */
  async sync(): Promise<void> {
    // What is under way may have begun before the last commit.
    while (this.#syncing !== undefined) await this.#syncing;
    if (this.#unsynced.length === 0 && this.#syncTimer === undefined) return;
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
    const waiting = this.#unsynced;
    this.#unsynced = [];
    this.#syncing = this.#syncFor(waiting).finally(() => (this.#syncing = undefined));
    await this.#syncing;
  }

  async #syncFor(waiting: readonly Waiting[]): Promise<void> {
    try {
      await this.#context.store.sync();
      for (const { reply, settle } of waiting) settle(reply);
    } catch (error) {
      const reply = this.#fault(error, false);
      for (const { settle } of waiting) settle(reply);
    }
  }

  /** Does what can wait for a moment in which nobody writes. */
  housekeep(now = Date.now()): void {
    this.#context.cursors.endIdle(now);
    if (now - this.#committedAt < quietMs) return;
    try {
      this.#context.store.tidy();
    } catch (error) {
      this.#onFault(`${this.#context.store.filePath}: emptying the write-ahead log failed`, error);
    }
  }

  /** After a failed write nothing of the open transaction may stay: all who took part in it get the error. */
  #fault(error: unknown, rollback: boolean): EncodableDocument {
    const { store } = this.#context;
    const answer = isDiskFull(error)
      ? new DatabaseError('OutOfDiskSpace', `no space left for ${store.filePath}: nothing was written`)
      : isCorrupt(error)
        ? new DatabaseError('InternalError', `the database file ${store.filePath} is damaged`)
        : new DatabaseError('InternalError', 'the server failed to execute the command; its log says why');
    this.#onFault(`${store.filePath}: a command failed`, error);
    const reply = errorReply(answer);
    if (!rollback) return reply;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      if (store.inTransaction) store.rollback();
    } catch (rollbackError) {
      this.#onFault(`${store.filePath}: rolling back failed`, rollbackError);
    }
    for (const { settle } of waiting) settle(reply);
    return reply;
  }
}

function isWrite(request: Request): boolean {
  return commandOf(request.elements[0]?.name ?? '')?.writes ?? false;
}

const durableConcerns: readonly string[] = ['j', 'fsync'];

/** Whether the write concern asks for more than this process to know of the write. */
function isDurable(request: Request): boolean {
  const concern = request.elements.find(({ name }) => name === 'writeConcern')?.value;
  if (concern?.type !== BsonType.object) return false;
  return readElements(concern.bytes, concern.start).some(
    ({ name, value }) =>
      (name === 'w' && value.type === BsonType.string) || (durableConcerns.includes(name) && isTrue(value)),
  );
}

function databaseOf(request: Request): string {
  const value = request.elements.find(({ name }) => name === '$db')?.value;
  if (value === undefined) return 'admin'; // the old form, in which only the first hello comes
  if (value.type !== BsonType.string)
    throw new DatabaseError('TypeMismatch', "BSON field '$db' must be a string");
  const database = readString(value);
  checkDatabaseName(database);
  return database;
}

function errorReply(error: DatabaseError): EncodableDocument {
  const { codeName, code, message, details } = error;
  return { ok: 0, errmsg: message, code, codeName, ...details };
}
