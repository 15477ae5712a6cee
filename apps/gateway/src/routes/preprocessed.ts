import { json, listEnvelope, listReply, queryDateTime } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';
import { frameExample, frameSchema, readFrames } from '../resources/frame.ts';
import {
  preprocessedCsv,
  preprocessedJson,
  type PreprocessedJson,
  preprocessedRowExample,
  preprocessedRowOutput,
} from '../resources/preprocessed.ts';
import { timestampField } from '../timestamps.ts';

const common = { owner: 'telemetry', errors: [403] } as const;
const params = { device: 'Device ID' };

const ingestOutput = z
  .object({
    accepted: z.int().meta({ description: 'Samples stored' }),
    duplicates: z.int().meta({ description: 'Samples that were stored already' }),
    rejected: z
      .array(z.object({ index: z.int(), reason: z.string() }))
      .meta({ description: 'Frames that are malformed, by their place in the request' }),
  })
  .meta({ id: 'IngestResult' });

const ingestPreprocessed = defineRoute({
  ...common,
  method: 'POST',
  path: '/devices/{device}/preprocessed/',
  operationId: 'ingestPreprocessed',
  summary: 'Takes frames of samples',
  description: 'Answers when the data is durable. Sending the same data again changes nothing.',
  access: 'device',
  who: "the device's ingest token and the manager who owns the device",
  params,
  body: {
    kind: 'raw',
    content: {
      'application/json': {
        schema: { anyOf: [frameSchema, { type: 'array', items: frameSchema }] },
        example: frameExample,
      },
      'application/x-ndjson': {
        schema: { type: 'string', description: 'One frame a line' },
        example: `${JSON.stringify(frameExample)}\n`,
      },
    },
  },
  responses: {
    202: {
      description: 'What became of the frames',
      schema: ingestOutput,
      example: { accepted: 13, duplicates: 0, rejected: [{ index: 4, reason: 'gnss.speed is no number.' }] },
    },
  },
  async handler({ params, body, fieldErrors }, call) {
    const request = { device: params.device, frames: readFrames(body) };
    const { accepted, duplicates, rejected } = await call.send(fieldErrors, (options) =>
      call.clients.telemetry.ingest(request, options),
    );
    return json(202, {
      accepted,
      duplicates,
      rejected: rejected.map(({ index, reason }) => ({ index, reason })),
    });
  },
});

const listPreprocessed = defineRoute({
  ...common,
  method: 'GET',
  path: '/devices/{device}/preprocessed/',
  operationId: 'listPreprocessed',
  summary: 'Lists the samples of a device in a window of at most two days',
  description:
    'Samples of several channels with the same time share a row. With `Accept: text/csv` the page comes as CSV.',
  access: 'user',
  who: 'managers, as far as they owned the device',
  params,
  list: { ordering: [], defaultLimit: 10_000, maxLimit: 25_000 },
  query: {
    start: queryDateTime({
      description: 'Start of the window',
      example: '2024-05-01T00:00:00+0000',
      required: true,
    }),
    stop: queryDateTime({
      description: 'End of the window, not in it',
      example: '2024-05-02T00:00:00+0000',
      required: true,
    }),
  },
  responses: {
    200: {
      description: 'A page of rows',
      schema: preprocessedRowOutput,
      example: preprocessedRowExample,
      textAs: ['text/csv'],
    },
  },
  async handler({ params, query, list, header }, { clients, reading }) {
    const request = {
      device: params.device,
      ...timestampField('startTime', query.start),
      ...timestampField('stopTime', query.stop),
      page: list.page,
      limit: list.limit,
    };
    let count = 0;
    const rows: PreprocessedJson[] = [];
    for await (const { item } of clients.telemetry.readPreprocessed(request, reading)) {
      if (item.case === 'count') count = item.value;
      if (item.case === 'rows') rows.push(...item.value.rows.map(preprocessedJson));
    }
    if (!wantsCsv(header('accept'))) {
      return listReply(
        count,
        rows.map((row) => JSON.stringify(row)),
      );
    }
    const { results } = listEnvelope(list, count, rows);
    const text = preprocessedCsv(results);
    return { status: 200, body: { kind: 'text', text, mediaType: 'text/csv; charset=utf-8' } };
  },
});

function wantsCsv(accept: string | undefined): boolean {
  return accept !== undefined && /\btext\/csv\b/i.test(accept);
}

export const preprocessedRoutes = [listPreprocessed, ingestPreprocessed];
