import { describe, expect, it } from 'vitest';
import { ConfigError, optional, parseConfig, renderConfigTable, required, withDefault } from './config.ts';
import {
  address,
  addressRanges,
  base64,
  jsonObject,
  oneOf,
  type Parser,
  peerAddress,
  port,
  text,
  url,
  wholeNumber,
} from './parsers.ts';

const table = {
  log: required('LOG_URL', url('esdb:', 'esdb+discover:'), 'the log'),
  port: withDefault('PORT', port, 8080, 'where it listens'),
  level: withDefault('LEVEL', oneOf('low', 'high'), 'low', 'how much'),
  key: optional('KEY', base64(4, 4), 'a key', { secret: true }),
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(table, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration table', () => {
  it('gives typed values and defaults', () => {
    expect(parseConfig(table, { LOG_URL: 'esdb://a:1,b:2?tls=false', KEY: 'AAECAw==' })).toEqual({
      log: 'esdb://a:1,b:2?tls=false',
      port: 8080,
      level: 'low',
      key: new Uint8Array([0, 1, 2, 3]),
    });
  });

  it('takes an empty variable for an absent one', () => {
    expect(parseConfig(table, { LOG_URL: 'esdb://a', PORT: '', KEY: '' })).toMatchObject({
      port: 8080,
      key: undefined,
    });
  });

  it('says of everything wrong what was expected, what came and what it is for', () => {
    expect(problemsOf({ PORT: '70000', LEVEL: 'medium' })).toEqual([
      'LOG_URL is missing: expected a URL esdb://… or esdb+discover://… (the log).',
      'PORT is wrong: expected a port from 0 to 65535, got "70000" (where it listens).',
      'LEVEL is wrong: expected low, high, got "medium" (how much).',
    ]);
  });

  it('never shows a secret', () => {
    const [problem] = problemsOf({ LOG_URL: 'esdb://a', KEY: 'hunter2' });
    expect(problem).toContain('KEY is wrong: expected base64 of 4 bytes');
    expect(problem).not.toContain('hunter2');
  });

  it('is printed with defaults and meanings', () => {
    expect(renderConfigTable(table).split('\n')).toEqual([
      'VARIABLE  DEFAULT   VALUE                                MEANING',
      'LOG_URL   required  a URL esdb://… or esdb+discover://…  the log',
      'PORT      8080      a port from 0 to 65535               where it listens',
      'LEVEL     low       low, high                            how much',
      'KEY                 base64 of 4 bytes                    a key',
    ]);
  });
});

describe('parsers', () => {
  const cases: [name: string, parser: Parser<unknown>, good: Record<string, unknown>, bad: string[]][] = [
    ['text', text, { x: 'x' }, []],
    ['url', url('mongodb:'), { 'mongodb://h:1/': 'mongodb://h:1/' }, ['http://h', 'mongodb://', 'mongodb']],
    [
      'address',
      address,
      { '127.0.0.1:7101': { host: '127.0.0.1', port: 7101 }, '[::1]:0': { host: '[::1]', port: 0 } },
      ['7101', 'host', 'host:', ':1', 'host:99999', 'a b:1', '::1:2'],
    ],
    [
      'peerAddress',
      peerAddress,
      Object.fromEntries(
        ['activity:50051', '[::1]:1', '10.0.0.1:1,10.0.0.2:1', '[::1]:1,[::1]:2'].map((it) => [it, it]),
      ),
      ['activity', 'a:1,b:1', '10.0.0.1:1,b:1', '10.0.0.1:1,[::1]:1', '10.0.0.1:1,', ',10.0.0.1:1'],
    ],
    ['wholeNumber', wholeNumber(-5, 5), { '-5': -5, '5': 5 }, ['6', '1.5', '1e0', '', ' 1', '0x1']],
    [
      'addressRanges',
      addressRanges,
      { '127.0.0.0/8': ['127.0.0.0/8'], '10.0.0.0/8, fd00::/8': ['10.0.0.0/8', 'fd00::/8'] },
      ['127.0.0.1', '127.0.0.0/33', 'fd00::/129', '10/8', 'localhost/8', '10.0.0.0/8,'],
    ],
    ['port', port, { '0': 0, '65535': 65_535 }, ['65536', '-1', 'http']],
    [
      'base64',
      base64(2, 3),
      { AAE: new Uint8Array([0, 1]), 'AAE=': new Uint8Array([0, 1]) },
      ['AA', 'AAECAw', '?'],
    ],
    ['jsonObject', jsonObject, { '{"a":1}': '{"a":1}' }, ['[]', 'null', '{', '1']],
  ];
  it.each(cases)('%s reads what it says it expects, and nothing else', (_name, parser, good, bad) => {
    for (const [given, value] of Object.entries(good)) expect(parser.parse(given), given).toEqual(value);
    for (const given of bad) expect(parser.parse(given), given).toBeUndefined();
  });
});
