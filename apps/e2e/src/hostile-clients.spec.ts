import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { Api, type Bench, newBench } from './api.ts';
import { runFile } from './engines.ts';

const [url, credentials, dataDir] = [inject('url'), inject('credentials'), inject('dataDir')];
const { hostname, port } = new URL(url);
const ownedFrom = '2024-07-01T12:00:00Z';
let bench: Bench;

beforeAll(async () => {
  bench = await newBench(url, credentials, { ownedFrom });
});

/**
 * Sends bytes, and the end of its half when asked to; resolves with all that comes until the server ends the connection,
 * which it may do with bytes still on their way to it.
 */
function exchange(bytes: string | Buffer, { end = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(Buffer.concat(received).toString());
      else reject(error);
    });
    socket.on('end', () => {
      socket.end();
      resolve(Buffer.concat(received).toString());
    });
    if (end) socket.end(bytes);
    else socket.write(bytes);
  });
}

const opened = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });

interface Head {
  readonly method: string;
  readonly at: string;
  readonly token?: string | undefined;
  readonly more?: readonly string[];
}

const head = ({ method, at, token, more = [] }: Head): string =>
  [
    `${method} ${at} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    ...more,
    '\r\n',
  ].join('\r\n');

/** Resident memory of a process of the system, in MB. */
function residentMb(name: string): number {
  const { pids } = runFile(dataDir);
  const status = readFileSync(`/proc/${pids[name]}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** How many of the manager's activities have the name. */
async function activitiesNamed(name: string): Promise<number> {
  const { results } = await bench.manager.api.ok('GET', '/api/v1/activities/?limit=3000');
  return (results as { name: string }[]).filter((activity) => activity.name === name).length;
}

describe('a client that', () => {
  const body = (name: string) =>
    JSON.stringify({ name, json: { sport: 'soccer' }, json_schema: 1, owner: bench.manager.id });
  const creation = (length: number) =>
    head({
      method: 'POST',
      at: '/api/v1/activities/',
      token: bench.manager.api.token,
      more: ['Content-Type: application/json', `Content-Length: ${length}`, 'Connection: close'],
    });

  it('ends its half after the request has its request done wholly or not at all', async () => {
    const whole = body('Half');
    const answer = await exchange(creation(whole.length) + whole, { end: true });
    expect(answer).toMatch(/^(HTTP\/1\.1 201 |$)/);
    if (answer !== '') expect(await activitiesNamed('Half')).toBe(1);
    expect((await bench.manager.api.call('GET', '/api/v1/activities/')).status).toBe(200);
  });

  it('leaves in the middle of its body has done nothing', async () => {
    const whole = body('Never');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => exchange(creation(whole.length) + whole.slice(0, -9), { end: true })),
    );
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 400 |$)/);
    expect(await activitiesNamed('Never')).toBe(0);
  });

  it('sends 500 requests at once gets their answers in order', async () => {
    const asked = Array.from({ length: 500 }, (_, i) =>
      head({
        method: 'GET',
        at: `/api/v1/nowhere-${i}/`,
        more: i === 499 ? ['Connection: close'] : [],
      }),
    );
    const answer = await exchange(asked.join(''));
    expect(answer.match(/HTTP\/1\.1 404 /g)).toHaveLength(500);
  });

  it.each([
    ['no HTTP', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['a method that is none', 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a line that never ends', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\n${'A: b\r\n'.repeat(20_000)}\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a chunk of a length that is none',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
  ])('sends %s is refused and sent away', async (_, bytes) => {
    expect(await exchange(Buffer.from(bytes, 'latin1'))).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await bench.manager.api.call('GET', '/api/v1/activities/')).status).toBe(200);
  });
});

it('answers others within 5 s while 10 000 connections say nothing, and keeps little for each', async () => {
  const before = residentMb('gateway');
  const silent: Socket[] = [];
  for (let i = 0; i < 10_000; i += 500) {
    silent.push(...(await Promise.all(Array.from({ length: 500 }, opened))));
  }
  const startedMs = performance.now();
  expect((await bench.manager.api.call('GET', '/api/v1/athletes/')).status).toBe(200);
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(residentMb('gateway') - before).toBeLessThan(300);
  await Promise.all(silent.map(ended));
  expect((await bench.manager.api.call('GET', '/api/v1/athletes/')).status).toBe(200);
});

it('answers 413 to a body beyond the limit, declared or not, and does not keep it', async () => {
  const token = bench.ingestToken;
  const at = `/api/v1/devices/${bench.device}/preprocessed/`;
  const before = residentMb('gateway');
  const megabyte = `100000\r\n${' '.repeat(0x10_0000)}\r\n`;
  const chunked = head({
    method: 'POST',
    at,
    token,
    more: ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
  });
  const sent = await exchange(Buffer.from(`${chunked}${megabyte.repeat(100)}0\r\n\r\n`), { end: true });
  expect(sent).toMatch(/^HTTP\/1\.1 413 /);
  const declared = head({
    method: 'POST',
    at,
    token,
    more: ['Content-Type: application/json', 'Content-Length: 99999999999', 'Connection: close'],
  });
  expect(await exchange(declared, { end: true })).toMatch(/^HTTP\/1\.1 413 /);
  expect(residentMb('gateway') - before).toBeLessThan(150);
});

describe('ingest', () => {
  const t = Date.parse(ownedFrom);
  const frame = (gnss: string) => `[{"gnss":${gnss}}]`;
  const good = `{"timestamp":[${t}],"latitude":[46],"longitude":[7],"speed":[1],"altitude":[null]}`;

  it.each([
    ['numbers beyond the doubles', frame(good.replace('[1]', '[1e999]'))],
    ['numbers of a thousand digits', frame(good.replace('[1]', `[${'9'.repeat(1000)}]`))],
    ['negative zero and denormals', frame(good.replace('[46]', '[5e-324]').replace('[1]', '[-0]'))],
    ['a time at the end of the doubles', frame(good.replace(String(t), '1.7976931348623157e308'))],
    ['a time before the epoch', frame(good.replace(String(t), '-1'))],
    ['columns of different lengths', frame(good.replace('[46]', '[46,47]'))],
    ['a column that is an object', frame(good.replace('[46]', '{"length":1,"0":46}'))],
    ['columns without end', frame(good.replace('[1]', `[${'1,'.repeat(100_000)}1]`))],
    ['arrays nested 100 000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['objects nested 100 000 deep', `${'{"gnss":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['keys of the prototype', '[{"__proto__":{"gnss":1},"constructor":{"prototype":1}}]'],
    ['the same key twice', frame(`${good.slice(0, -1)},"timestamp":"x"}`)],
    ['NUL and lone surrogates for keys', '[{"\\u0000":1,"\\ud800":{"\\udfff":[]}}]'],
    ['half a document', frame(good).slice(0, -3)],
    ['no JSON', '\u0000\u0001'],
    ['50 000 empty frames', `[${'{},'.repeat(50_000)}{}]`],
  ])('answers what is wrong with %s', async (_, raw) => {
    const { status, body } = await new Api(url, bench.ingestToken).call(
      'POST',
      `/api/v1/devices/${bench.device}/preprocessed/`,
      { raw, headers: { 'content-type': 'application/json' } },
    );
    if (status === 202) {
      const { rejected } = body as { rejected: { reason: string }[] };
      for (const { reason } of rejected) expect(reason).toMatch(/\w/);
    } else {
      expect([400, 413]).toContain(status);
      expect(JSON.stringify(body)).toMatch(/\w/);
    }
  });
});
