import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Gateway, startGateway } from './gateway.ts';
import { TestSystem } from './testing/system.ts';

const system = new TestSystem();
let gateway: Gateway;

beforeAll(async () => {
  await system.start();
  gateway = await startGateway({ ...system.options(), patience: { headersMs: 200, requestMs: 400 } });
});
afterAll(async () => {
  await gateway.stop();
  await system.stop();
});

/** Sends its text at one byte each 20 ms, for ever; resolves with what it is told when the connection ends. */
function drip(first: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(gateway.port, '127.0.0.1');
    let told = '';
    socket.write(first);
    const timer = setInterval(() => socket.write('a'), 20);
    socket.on('data', (chunk) => (told += chunk.toString()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(timer);
      resolve(told);
    });
  });
}

it.each([
  ['headers', 'GET /health/ HTTP/1.1\r\nHost: a\r\nX-Slow: '],
  [
    'a body',
    'POST /oauth2/token/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n',
  ],
])('sends a client away whose %s never end, and answers others meanwhile', async (_, first) => {
  const dripping = Promise.all(Array.from({ length: 100 }, () => drip(first)));
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/api/v1/nowhere/`);
  expect(answer.status).toBe(404);
  for (const told of await dripping) expect(told).toMatch(/^(HTTP\/1\.1 408 |$)/);
});
