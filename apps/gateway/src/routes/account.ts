import { entityTag, json, jsonStream } from '@touchline/http';
import { defineRoute } from '../gateway-call.ts';
import { accountExample, accountJson, accountOutput } from '../resources/account.ts';
import { exportExample, exportOutput, exportPieces, ownExport } from '../resources/account-export.ts';
import { there } from '../there.ts';

export const retrieveAccount = defineRoute({
  method: 'GET',
  path: '/account/',
  operationId: 'retrieveAccount',
  summary: 'Retrieves the account of the caller',
  owner: 'identity',
  access: 'user',
  who: 'every signed-in user',
  responses: { 200: { description: 'The caller', schema: accountOutput, example: accountExample } },
  async handler(_input, { clients, reading }) {
    const { message } = await clients.identity.getAccount({}, reading);
    const account = accountJson(there(message.account));
    return json(200, account, entityTag('account', JSON.stringify(account)));
  },
});

/** How long it may take to send: an athlete may have recorded for years. */
const EXPORT_TIMEOUT_MS = 3_600_000;

export const exportAccount = defineRoute({
  method: 'GET',
  path: '/account/export/',
  untagged: true,
  operationId: 'exportAccount',
  summary: 'Exports all that is stored about the caller',
  description: 'With who was granted permissions, and who read what when. It is sent while it is read.',
  owner: 'identity',
  access: 'user',
  who: 'athletes',
  responses: { 200: { description: 'Everything', schema: exportOutput, example: exportExample } },
  errors: [403],
  async handler(_input, { clients, reading }) {
    const { message } = await clients.identity.getAccount({}, reading);
    const account = there(message.account);
    const options = { ...reading, timeoutMs: EXPORT_TIMEOUT_MS };
    // Whoever may not is told so before the answer begins.
    const own = await ownExport(account.id, clients, options);
    return jsonStream(200, exportPieces(account, own, clients, options));
  },
});
