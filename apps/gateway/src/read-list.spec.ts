import { create, toBinary } from '@bufbuild/protobuf';
import { type Webhook, WebhookSchema } from '@touchline/contracts/webhooks/v1/service';
import { describe, expect, it, vi } from 'vitest';
import { readList, rowText } from './read-list.ts';

const encoded = (id: number, url: string) => toBinary(WebhookSchema, create(WebhookSchema, { id, url }));

async function* messages(...given: readonly Uint8Array[][]) {
  for (const rows of given) yield { count: 9, rows };
}

describe('the rows of a list', () => {
  const json = vi.fn(({ id, url }: Webhook) => ({ id, url }));

  it('come of all its messages, in their order', async () => {
    const list = messages([encoded(2, 'b'), encoded(1, 'a')], [encoded(3, 'ü')]);
    expect(await readList(list, rowText(WebhookSchema, json))).toEqual({
      count: 9,
      rows: ['{"id":2,"url":"b"}', '{"id":1,"url":"a"}', '{"id":3,"url":"ü"}'],
    });
  });

  it('are made once of the same bytes, but for large ones', () => {
    json.mockClear();
    const text = rowText(WebhookSchema, json);
    for (let i = 0; i < 2; i++) expect(text(encoded(1, 'a'))).toBe('{"id":1,"url":"a"}');
    expect(text(encoded(1, 'b'))).toBe('{"id":1,"url":"b"}');
    expect(json).toHaveBeenCalledTimes(2);
    for (let i = 0; i < 2; i++) text(encoded(1, 'x'.repeat(5000)));
    expect(json).toHaveBeenCalledTimes(4);
  });
});
