import { buildOpenApi, jsonText, type Route } from '@touchline/http';
import * as z from 'zod';
import { defineRoute, type GatewayCall } from '../gateway-call.ts';

const basePath = '/api/v1';

/** @returns the operation that answers the OpenAPI document of the routes and of itself */
export function openApiRoute(routes: readonly Route<GatewayCall>[]): Route<GatewayCall> {
  let text: string | undefined;
  const route: Route<GatewayCall> = defineRoute({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'retrieveOpenApi',
    summary: 'The OpenAPI document of this API',
    owner: 'gateway',
    access: 'anyone',
    who: 'anyone',
    responses: { 200: { description: 'The document', schema: z.looseObject({}) } },
    async handler() {
      text ??= JSON.stringify(openApiDocument([...routes, route]));
      return jsonText(200, text);
    },
  });
  return route;
}

export function openApiDocument(routes: readonly Route<GatewayCall>[]): Record<string, unknown> {
  return buildOpenApi(routes, {
    title: 'Touchline',
    version: '1',
    description:
      'Athletes, activities, time frames, devices and what is computed from their samples. `/v1/` is an alias of the base path `/api/v1/`; under `/api/`, lists asked for with neither `page` nor `limit` are bare arrays.',
    basePath,
  });
}
