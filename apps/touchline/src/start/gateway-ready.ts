import { get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when the gateway says that everything answers. */
export async function gatewayReady(url: string, signal: AbortSignal): Promise<void> {
  while (!(await answersOk(`${url}/readyz`))) await delay(50, undefined, { signal });
}

function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
