import type { FieldErrors } from '@touchline/rpc';
import type { WebhookFields } from '@touchline/webhooks-domain';
import type { AddressRules } from './target/address-rules.ts';
import { savedUrlProblem } from './target/webhook-url.ts';

const REQUIRED = 'This field is required.';
const MAX_TOKEN_LENGTH = 100;

/** The fields of a request, each absent when it did not come or came wrong. */
export interface WantedWebhook {
  readonly url?: string | undefined;
  readonly secretToken?: string | undefined;
  readonly activityEvents?: boolean | undefined;
  readonly timeFramesEvents?: boolean | undefined;
}

/** A token is sent as a header, which holds neither control characters nor space around it. */
export function tokenProblem(token: string): string | undefined {
  if (token.trim() === '') return 'This field may not be blank.';
  if ([...token].length > MAX_TOKEN_LENGTH) {
    return `Ensure this field has no more than ${MAX_TOKEN_LENGTH} characters.`;
  }

  if (/[\x00-\x1f\x7f]/.test(token)) return 'Control characters are not allowed.';
  return token.trim() === token ? undefined : 'Space at the beginning or end is not allowed.';
}

/** Adds what is wrong, all of it. @returns the fields, to be used when nothing is */
export async function checkedFields(
  wanted: WantedWebhook,
  activity: number,
  rules: AddressRules,
  errors: FieldErrors,
): Promise<WebhookFields> {
  const { url, secretToken, activityEvents, timeFramesEvents } = wanted;
  const urlProblem = url === undefined ? REQUIRED : await savedUrlProblem(url, rules);
  if (urlProblem !== undefined) errors.add('webhook_url', urlProblem);
  const secretProblem = secretToken === undefined ? REQUIRED : tokenProblem(secretToken);
  if (secretProblem !== undefined) errors.add('secret_token', secretProblem);
  if (activityEvents === undefined) errors.add('activity_events', REQUIRED);
  if (timeFramesEvents === undefined) errors.add('timeframes_events', REQUIRED);
  return {
    activity,
    url: url ?? '',
    secretToken: secretToken ?? '',
    activityEvents: activityEvents ?? false,
    timeFramesEvents: timeFramesEvents ?? false,
  };
}
