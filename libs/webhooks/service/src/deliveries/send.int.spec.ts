import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressRules } from '../target/address-rules.ts';
import { certificate, certificateKey } from '../testing/certificate.ts';
import { answer, TestReceiver } from '../testing/receiver.ts';
import { send, type SendOptions } from './send.ts';

const addressRules = new AddressRules(['127.0.0.0/8']);
const plain = new TestReceiver();
const tls = new TestReceiver({ key: certificateKey, cert: certificate });

beforeAll(async () => {
  await plain.start();
  await tls.start();
});
afterAll(async () => {
  await plain.stop();
  await tls.stop();
});

const toLoopback = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
const sendTo = (url: string, options: Partial<SendOptions> = {}) =>
  send({ url, headers: { 'webhook-id': 'm' }, body: '{"a":1}' }, { addressRules, ...options });

/** Answers with raw bytes, or not at all. */
async function withSocket(behave: (socket: Socket) => void, work: (url: string) => Promise<void>) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => behave(socket));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('a receiver that answers', () => {
  it.each([200, 201, 202, 204, 299])('%i has got it', async (status) => {
    plain.on('/status', answer(status));
    expect(await sendTo(plain.url('/status'))).toEqual({ status });
  });

  it.each([
    [400, 'answered 400'],
    [404, 'answered 404'],
    [410, 'answered 410: the webhook is disabled until it is updated'],
    [500, 'answered 500'],
    [503, 'answered 503'],
  ])('%i has not', async (status, error) => {
    plain.on('/status', answer(status));
    expect(await sendTo(plain.url('/status'))).toEqual({ status, error });
  });

  it.each([301, 302, 303, 307, 308])('%i is not followed', async (status) => {
    plain.on('/redirect', answer(status, { location: plain.url('/elsewhere') }));
    expect(await sendTo(plain.url('/redirect'))).toEqual({
      status,
      error: `answered ${status}: redirects are not followed`,
    });
    expect(plain.at('/elsewhere')).toEqual([]);
  });

  it.each(['7', 'Sun, 06 Nov 1994 08:49:37 GMT'])(
    '429 with Retry-After: %s is told of it',
    async (retryAfter) => {
      plain.on('/busy', answer(429, { 'retry-after': retryAfter }));
      expect(await sendTo(plain.url('/busy'))).toEqual({ status: 429, error: 'answered 429', retryAfter });
    },
  );

  it('gets the body, its length and type, and no more than a connection', async () => {
    await sendTo(plain.url('/whole'));
    const [received] = plain.at('/whole');
    expect(received?.body).toBe('{"a":1}');
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '7',
      'webhook-id': 'm',
      connection: 'close',
    });
  });
});

describe('a receiver that', () => {
  it('never sends its headers is given up', async () => {
    plain.on('/silent', () => undefined);
    expect(await sendTo(plain.url('/silent'), { timeoutMs: 150 })).toEqual({
      error: 'no answer within 0.15 s',
    });
  });

  it('sends its headers byte by byte is given up', async () => {
    await withSocket(
      (socket) => {
        let i = 0;
        const timer = setInterval(
          () => socket.write('HTTP/1.1 200 OK\r\nX: aaaaaaaaaaaaaaaaaaaaaa'[i++] ?? 'a'),
          20,
        );
        socket.on('close', () => clearInterval(timer));
      },
      async (url) => {
        expect(await sendTo(url, { timeoutMs: 200 })).toEqual({ error: 'no answer within 0.2 s' });
      },
    );
  });

  it('never ends its body has answered', async () => {
    plain.on('/slow-body', (response) => response.writeHead(200).write('x'));
    expect(await sendTo(plain.url('/slow-body'), { timeoutMs: 1_000 })).toEqual({ status: 200 });
  });

  it('sends a body without end is cut off after 64 KiB', async () => {
    let written = 0;
    const closed = new Promise((resolve) => {
      plain.on('/endless', (response) => {
        response.on('close', resolve);
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384;
        };
        response.on('drain', more);
        more();
      });
    });
    expect(await sendTo(plain.url('/endless'))).toEqual({ status: 200 });
    await closed;
    // What the two sockets hold comes on top of it.
    expect(written).toBeLessThan(32 * 1_048_576);
  });

  it('resets the connection is told so', async () => {
    await withSocket(
      (socket) => socket.resetAndDestroy(),
      async (url) => expect(await sendTo(url)).toEqual({ error: 'the connection was reset' }),
    );
  });

  it('closes the connection without an answer is told so', async () => {
    await withSocket(
      (socket) => socket.end(),
      async (url) => expect(await sendTo(url)).toMatchObject({ error: 'the connection was reset' }),
    );
  });

  it('speaks something else than HTTP is told so', async () => {
    await withSocket(
      (socket) => socket.end('220 mail.example.com ESMTP\r\n'),
      async (url) => {
        expect((await sendTo(url)).error).toMatch(/^the answer is not HTTP \(HPE_/);
      },
    );
  });

  it('sends headers without end is cut off', async () => {
    await withSocket(
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(40_000)}`),
      async (url) => expect((await sendTo(url)).error).toMatch(/HPE_HEADER_OVERFLOW/),
    );
  });

  it('is not there is told so', async () => {
    const gone = await new TestReceiver().start();
    const url = gone.url();
    await gone.stop();
    expect(await sendTo(url)).toEqual({ error: 'the connection was refused' });
  });
});

describe('over TLS', () => {
  it('a certificate is verified', async () => {
    const url = tls.url('/', 'localhost');
    expect(await sendTo(url, { lookup: toLoopback, ca: certificate })).toEqual({ status: 204 });
    const seen = tls.received.length;
    expect(await sendTo(url, { lookup: toLoopback })).toEqual({
      error: 'TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
    expect(await sendTo(tls.url('/', 'example.com'), { lookup: toLoopback, ca: certificate })).toEqual({
      error: 'TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)',
    });
    expect(tls.received).toHaveLength(seen);
  });

  it('a receiver that speaks none has not got it', async () => {
    const url = plain.url('/tls').replace('http:', 'https:');
    expect((await sendTo(url)).error).toMatch(/^TLS failed/);
    expect(plain.at('/tls')).toEqual([]);
  });
});

describe('the address', () => {
  it('is checked at each attempt, whatever it was before', async () => {
    const answers = ['127.0.0.1', '10.0.0.1', '127.0.0.1'];
    const lookup = () => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]);
    const url = plain.url('/rebound', 'hook.example.com');
    expect(await sendTo(url, { lookup })).toEqual({ status: 204 });
    expect(await sendTo(url, { lookup })).toEqual({ error: 'the address is not public' });
    expect(await sendTo(url, { lookup })).toEqual({ status: 204 });
  });

  it('that was checked is the one that is connected to', async () => {
    let asked = 0;
    // A second look-up, as a rebinding name would have it, leads elsewhere.
    const lookup = () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
    expect(await sendTo(plain.url('/pinned', 'hook.example.com'), { lookup })).toEqual({ status: 204 });
    expect(asked).toBe(1);
    expect(plain.at('/pinned')[0]?.headers.host).toBe(`hook.example.com:${plain.port}`);
  });

  it.each([
    'http://0.0.0.0',
    'http://[::1]',
    'http://[::ffff:10.0.0.1]',
    'http://169.254.169.254',
    'http://0x0a.1',
  ])('of %s is refused', async (url) => {
    expect(await sendTo(`${url}:${plain.port}/`)).toEqual({ error: 'the address is not public' });
  });

  it('of loopback is refused unless the operator has allowed it', async () => {
    const seen = plain.received.length;
    expect(await sendTo(plain.url(), { addressRules: new AddressRules() })).toEqual({
      error: 'the address is not public',
    });
    expect(plain.received).toHaveLength(seen);
  });

  it('of a name that does not resolve is told so', async () => {
    const lookup = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await sendTo('http://hook.example.com/', { lookup })).toEqual({
      error: 'the name does not resolve',
    });
  });

  it('of a name whose look-up hangs is given up', async () => {
    const lookup = () => new Promise<never>(() => undefined);
    expect(await sendTo('http://hook.example.com/', { lookup, timeoutMs: 100 })).toEqual({
      error: 'no answer within 0.1 s',
    });
  });
});
