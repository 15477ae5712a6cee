import { json } from '@touchline/http';
import { defineRoute } from '../gateway-call.ts';
import { accountExample, accountJson, accountOutput } from '../resources/account.ts';
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
    return json(200, accountJson(there(message.account)));
  },
});
