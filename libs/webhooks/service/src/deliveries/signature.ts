import { createHmac } from 'node:crypto';

/**
 * The headers that say who sends: the token itself, and the signature of Standard Webhooks, keyed by the UTF-8 bytes
 * of the token.
 *
 * @param id the same over all attempts
 * @param sentMs of this attempt, ms since the epoch
 */
export function authenticHeaders(
  token: string,
  id: string,
  sentMs: number,
  body: string,
): Record<string, string> {
  const key = Buffer.from(token, 'utf8');
  const timestamp = String(Math.floor(sentMs / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
  return {
    // A header carries bytes; Node writes each character as one.
    'X-Asi-Api-Token': key.toString('latin1'),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
