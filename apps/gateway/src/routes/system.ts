import { json } from '@touchline/http';
import * as z from 'zod';
import { defineRoute } from '../gateway-call.ts';

const common = { method: 'GET', root: true, owner: 'gateway', access: 'anyone', who: 'anyone' } as const;

const checkLiveness = defineRoute({
  ...common,
  path: '/healthz',
  operationId: 'checkLiveness',
  summary: 'Whether this process answers',
  responses: {
    200: { description: 'It does', schema: z.object({ status: z.literal('ok') }), example: { status: 'ok' } },
  },
  async handler() {
    return json(200, { status: 'ok' });
  },
});

const readiness = z.object({ status: z.enum(['ready', 'waiting']), waiting_for: z.array(z.string()) });

const checkReadiness = defineRoute({
  ...common,
  path: '/readyz',
  operationId: 'checkReadiness',
  summary: 'Whether every part of the system serves',
  responses: {
    200: { description: 'They do', schema: readiness, example: { status: 'ready', waiting_for: [] } },
    503: {
      description: 'Some do not',
      schema: readiness,
      example: { status: 'waiting', waiting_for: ['telemetry'] },
    },
  },
  async handler(_input, call) {
    const waitingFor = await call.notServing();
    const ready = waitingFor.length === 0;
    return json(ready ? 200 : 503, { status: ready ? 'ready' : 'waiting', waiting_for: waitingFor });
  },
});

export const systemRoutes = [checkLiveness, checkReadiness];
