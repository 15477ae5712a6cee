// What a JSON endpoint costs with nothing behind it: the web server and router of the gateway, one constant answer.
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';

const answer = JSON.parse(process.argv[2] ?? '{}') as unknown;
const router = new Router();
router.get('/timeframes/:id/', (context) => {
  context.body = answer;
});
const server = new Koa().use(router.routes()).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
