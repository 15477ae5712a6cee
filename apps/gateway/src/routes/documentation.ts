import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { entityTag, type Reply, type Route } from '@touchline/http';
import { defineRoute, type GatewayCall } from '../gateway-call.ts';

const require = createRequire(import.meta.url);

/** Nothing but what this server serves is loaded, and nobody else is asked. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Touchline API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="swagger-ui.css">
  </head>
  <body>
    <div id="document"></div>
    <noscript>The <a href="../api/v1/openapi.json">OpenAPI document</a> is shown by a script.</noscript>
    <script src="swagger-ui-bundle.js"></script>
    <script src="show.js"></script>
  </body>
</html>
`;

/** `validatorUrl`: the document would otherwise be sent to a validator on another host. */
const script = `SwaggerUIBundle({
  url: '../api/v1/openapi.json',
  dom_id: '#document',
  deepLinking: true,
  docExpansion: 'none',
  validatorUrl: null,
});
`;

function shown(name: string, summary: string, mediaType: string, load: () => Promise<string>) {
  let loading: Promise<string> | undefined;
  return defineRoute({
    method: 'GET',
    path: `/doc/${name}`,
    root: true,
    operationId: `show:${name}`,
    summary,
    owner: 'gateway',
    access: 'anyone',
    who: 'anyone',
    responses: { 200: { description: summary, mediaType } },
    async handler(): Promise<Reply> {
      const text = await (loading ??= load());
      return { status: 200, body: { kind: 'text', text, mediaType }, etag: entityTag(name, text), headers };
    },
  });
}

/** Read when it is first asked for: the gateway starts without it. */
const ofPackage = (name: string) => () => readFile(require.resolve(`swagger-ui-dist/${name}`), 'utf8');
const javascript = 'text/javascript; charset=utf-8';

/** The OpenAPI document as a page for the browser. Not in the document itself. */
export const documentationRoutes: readonly Route<GatewayCall>[] = [
  shown('', 'The page', 'text/html; charset=utf-8', async () => page),
  shown('show.js', 'Shows the document in the page', javascript, async () => script),
  shown('swagger-ui-bundle.js', 'The viewer', javascript, ofPackage('swagger-ui-bundle.js')),
  shown('swagger-ui.css', 'Its style', 'text/css; charset=utf-8', ofPackage('swagger-ui.css')),
];
