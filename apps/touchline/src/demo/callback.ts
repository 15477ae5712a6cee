import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiClient, ApiError } from '../client/api.ts';

const WITHIN_MS = 10_000;

/** What a system that is started for the demo needs, so that it may call the demo's own receiver. */
export const callbackEnv = { WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** The check of Standard Webhooks, as a receiver would make it. */
function isAuthentic({ headers }: IncomingMessage, body: string, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = Buffer.from(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Starts a receiver on loopback, registers it with the activity, changes the activity, and tells what arrived. */
export async function showCallback(
  api: ApiClient,
  activity: Readonly<Record<string, unknown>> & { readonly id: number; readonly name: string },
): Promise<string> {
  const secret = randomBytes(12).toString('hex');
  let sentMs = 0;
  const arrived = Promise.withResolvers<string>();
  const receiver = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      response.writeHead(204).end();
      const verdict = isAuthentic(request, body, secret) ? 'signature verified' : 'WRONG SIGNATURE';
      arrived.resolve(`callback after ${Math.round(performance.now() - sentMs)} ms, ${verdict}: ${body}`);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => receiver.once('listening', resolve));
  const timer = setTimeout(() => arrived.resolve('no callback came within 10 s'), WITHIN_MS);
  try {
    const { port } = receiver.address() as AddressInfo;
    const path = `/activities/${activity.id}/`;
    await api.post(`${path}webhooks/`, {
      webhook_url: `http://127.0.0.1:${port}/`,
      secret_token: secret,
      activity_events: true,
      timeframes_events: false,
    });
    sentMs = performance.now();
    await api.put(path, { ...activity, name: `${activity.name}, played` });
    return await arrived.promise;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    return 'no callback: this system was started without WEBHOOK_ALLOW_PRIVATE=127.0.0.0/8, so it calls no receiver on loopback';
  } finally {
    clearTimeout(timer);
    receiver.closeAllConnections();
    receiver.close();
  }
}
