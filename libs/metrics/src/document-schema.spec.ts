import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { makeRecording, MATCH } from './fixtures/recording.ts';
import { compute, documentSchema, emptyDocument, roundDocument, type Sport, SPORTS } from './index.ts';

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(documentSchema());
const window = { startMs: MATCH.startMs, endMs: MATCH.startMs + 300_000 };

const problemsOf = (document: object) =>
  validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => instancePath + message);

function answered(sport: Sport, isEmpty: boolean) {
  const input = { sport, window, params: {}, birthDate: null };
  const columns = () => makeRecording({ ...MATCH, durationS: 300, paceChangeS: 1, lost: 0.001 });
  const document = isEmpty ? emptyDocument(input) : compute({ ...input, columns: columns() });
  const { extensions, ...rest } = roundDocument(document);
  return { ...rest, extensions: { ...extensions, status: 'up-to-date' } };
}

describe.each(SPORTS)('the schema of the computed data holds the document of %s', (sport) => {
  it('with samples, and empty', () => {
    expect(problemsOf(answered(sport, false))).toEqual([]);
    expect(problemsOf(answered(sport, true))).toEqual([]);
  });
});

describe('the schema of the computed data refuses', () => {
  const good = answered('triathlon', false);

  it.each(Object.keys(good))('a document without %s', (key) => {
    const { [key as keyof typeof good]: _, ...rest } = good;
    expect(problemsOf(rest)).toEqual([expect.stringContaining(`'${key}'`)]);
  });

  it('further keys, null where a value always is, and fractions where it is whole', () => {
    expect(problemsOf({ ...good, further: 1 })).toHaveLength(1);
    expect(problemsOf({ ...good, total_distance: null })).toEqual([
      expect.stringContaining('/total_distance'),
    ]);
    expect(problemsOf({ ...good, first_timestamp: 0.5 })).toEqual([
      expect.stringContaining('/first_timestamp'),
    ]);
    const { status: _, ...extensions } = good.extensions;
    expect(problemsOf({ ...good, extensions })).toEqual([expect.stringContaining("'status'")]);
  });
});
