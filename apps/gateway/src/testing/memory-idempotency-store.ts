import type { IdempotencyRecord, IdempotencyStore } from '../idempotency.ts';

export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly records = new Map<string, IdempotencyRecord>();

  insert(record: IdempotencyRecord): Promise<boolean> {
    if (this.records.has(record.id)) return Promise.resolve(false);
    this.records.set(record.id, record);
    return Promise.resolve(true);
  }

  find(id: string): Promise<IdempotencyRecord | undefined> {
    return Promise.resolve(this.records.get(id));
  }

  complete(id: string, answer: Uint8Array): Promise<void> {
    const record = this.records.get(id);
    if (record) this.records.set(id, { ...record, answer });
    return Promise.resolve();
  }

  remove(id: string, createdMs: number): Promise<void> {
    if ((this.records.get(id)?.createdMs ?? Infinity) <= createdMs) this.records.delete(id);
    return Promise.resolve();
  }
}
