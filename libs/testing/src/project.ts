import type { EncodedPayload, StoredEvent } from '@touchline/event-log';
import type { Lookup, ReadModel, ReadModelDocument } from '@touchline/read-models';

/** An event as a subscription would give it; positions ascend with the index. */
export function storedEvent(payload: EncodedPayload, index: number, stream = 'stream-1'): StoredEvent {
  return {
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    stream,
    revision: index,
    position: String(index).padStart(20, '0'),
    type: payload.type,
    data: payload.data,
    metadata: { correlation_id: 'test', actor: 'user:1', at: '2024-01-01T00:00:00.000Z' },
    createdMs: 1_700_000_000_000 + index,
  };
}

function holds(document: unknown, path: readonly string[], value: unknown): boolean {
  if (Array.isArray(document)) return document.some((element) => holds(element, path, value));
  const [field, ...rest] = path;
  if (field === undefined) return document === value;
  return (
    typeof document === 'object' &&
    document !== null &&
    holds((document as Record<string, unknown>)[field], rest, value)
  );
}

/** Given events, the documents that a read model makes of them, by id; what is deleted is absent. */
export async function projected<D extends ReadModelDocument>(
  model: ReadModel<D>,
  events: readonly EncodedPayload[],
): Promise<Map<D['_id'], D>> {
  const documents = new Map<D['_id'], D>();
  const lookup: Lookup<D['_id']> = {
    idsWhere: async (values) =>
      [...documents]
        .filter(([, document]) =>
          Object.entries(values).every(([path, value]) => holds(document, path.split('.'), value)),
        )
        .map(([id]) => id),
  };
  const tools = { signal: new AbortController().signal };
  for (const [index, payload] of events.entries()) {
    if (!model.consumes.includes(payload.type)) continue;
    const event = storedEvent(payload, index);
    for (const id of await model.documentIds(event, lookup)) {
      const next = await model.project(documents.get(id), event, id, tools);
      if (next === 'gone') documents.delete(id);
      else if (next !== undefined) documents.set(id, next);
    }
  }
  return documents;
}
