import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { openApiDocumentOfAll } from './openapi-file.ts';

interface Content {
  schema: object;
  example?: unknown;
}
interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}

const document = JSON.parse(JSON.stringify(openApiDocumentOfAll())) as {
  paths: Record<string, Record<string, Operation>>;
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: 'api:/document', ...document });

const operations = Object.values(document.paths).flatMap((path) =>
  Object.values(path).filter((member) => 'operationId' in member),
);
const contents = operations.flatMap(({ operationId, requestBody, responses }) => [
  ...Object.entries(requestBody?.content ?? {}).map(([mediaType, content]) => ({
    what: `${operationId} request ${mediaType}`,
    content,
  })),
  ...Object.entries(responses).flatMap(([status, response]) =>
    Object.values(response.content ?? {}).map((content) => ({ what: `${operationId} ${status}`, content })),
  ),
]);

/** References in the document are relative to it. */
function schemaInDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api:/document#/components/'));
}

describe('the OpenAPI document', () => {
  it('describes the bodies of every operation', () => {
    expect(operations.length).toBeGreaterThan(35);
    expect(contents.length).toBeGreaterThan(operations.length);
  });

  it.each(contents)(
    'has a sound schema for $what, which its example keeps to',
    ({ content: { schema, example } }) => {
      const validate = ajv.compile(schemaInDocument(schema));
      expect(example === undefined || validate(example) || validate.errors).toBe(true);
    },
  );
});
