import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** The parts of an OpenAPI document that say what may be answered. */
export interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
}

type PathItem = Readonly<Record<string, Operation>> & {
  readonly servers?: readonly { readonly url: string }[];
};

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
}

// JSON Schema is as wide as JSON; whoever reads a keyword checks it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Schema = Readonly<Record<string, any>>;

/** What was asked and answered; `path` with neither host nor query. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

interface Place {
  readonly template: string;
  readonly item: PathItem;
  /** Below the older base path, an unpaged list is the bare array of its rows. */
  readonly bareLists: boolean;
}

const bases = [
  { prefix: '/api/v1', bareLists: false },
  { prefix: '/v1', bareLists: false },
  { prefix: '/api', bareLists: true },
];
/** Answers to requests that belong to no operation: a slash left out, an unknown path, another method. */
const unrouted = new Set([301, 404, 405]);
const documentId = 'api:/openapi.json';
const documents = new Map<string, Promise<Contract>>();

/** The contract that a running system serves; fetched once. */
export function contractOf(url: string): Promise<Contract> {
  const known = documents.get(url) ?? fetchContract(url);
  documents.set(url, known);
  return known;
}

async function fetchContract(url: string): Promise<Contract> {
  const response = await fetch(`${url}/api/v1/openapi.json`);
  if (!response.ok) throw new Error(`${url} serves no OpenAPI document: ${response.status}`);
  return new Contract((await response.json()) as Document);
}

/** Holds what a system answers to the OpenAPI document that it serves. */
export class Contract {
  readonly document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.document = document;
    formats.default(this.#ajv);
    this.#ajv.addSchema({ $id: documentId, ...document });
  }

  /** @throws Error that says what of the answer the document does not declare */
  check(exchange: Exchange): void {
    const { method, path, status } = exchange;
    const problem = this.#problemOf(exchange);
    if (problem === undefined) return;
    const shown = exchange.text.length > 2000 ? `${exchange.text.slice(0, 2000)}…` : exchange.text;
    throw new Error(
      `${method} ${path} answered ${status}, which the OpenAPI document does not allow: ${problem}\n${shown}`,
    );
  }

  #problemOf({ method, path, status, contentType, text }: Exchange): string | undefined {
    const place = this.#placeOf(path);
    const verb = (method === 'HEAD' ? 'GET' : method).toLowerCase();
    const operation = place?.item[verb];
    if (!place || !operation) {
      if (!unrouted.has(status)) return 'there is no such operation';
      return status === 301 || method === 'HEAD'
        ? undefined
        : this.#bodyProblem(['components', 'schemas', 'Error'], text);
    }
    const response = operation.responses[status];
    if (!response) return `${operation.operationId} declares ${Object.keys(operation.responses).join(', ')}`;
    if (method === 'HEAD') return undefined;
    if (!response.content) return text === '' ? undefined : `${operation.operationId} declares no body`;
    const mediaType = contentType.split(';')[0]?.trim() ?? '';
    const content = response.content[mediaType];
    if (!content) return `the media type is ${mediaType || 'missing'}`;
    if (!mediaType.includes('json')) return undefined;
    const pointer = [
      'paths',
      place.template,
      verb,
      'responses',
      String(status),
      'content',
      mediaType,
      'schema',
    ];
    const bare = place.bareLists && status === 200 && text.startsWith('[') && content.schema['properties'];
    return this.#bodyProblem(bare ? [...pointer, 'properties', 'results'] : pointer, text);
  }

  #placeOf(path: string): Place | undefined {
    const templates = Object.entries(this.document.paths);
    for (const [template, item] of templates) {
      if (item.servers && matches(template, path)) return { template, item, bareLists: false };
    }
    for (const { prefix, bareLists } of bases) {
      if (!path.startsWith(`${prefix}/`)) continue;
      const below = path.slice(prefix.length);
      const found = templates
        .filter(([template, item]) => !item.servers && matches(template, below))
        // A fixed segment goes before an id.
        .sort(([a], [b]) => a.split('{').length - b.split('{').length)[0];
      if (found) return { template: found[0], item: found[1], bareLists };
    }
    return undefined;
  }

  #bodyProblem(pointer: readonly string[], text: string): string | undefined {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      return `the body is no JSON (${String(error)})`;
    }
    const reference = `${documentId}#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = this.#validators.get(reference) ?? this.#ajv.compile({ $ref: reference });
    this.#validators.set(reference, validate);
    return validate(body) ? undefined : (validate.errors ?? []).map(messageOf).join('; ');
  }
}

function matches(template: string, path: string): boolean {
  const [expected, given] = [template.split('/'), path.split('/')];
  return (
    expected.length === given.length &&
    expected.every((segment, i) => (segment.startsWith('{') ? given[i] !== '' : segment === given[i]))
  );
}

function messageOf({ instancePath, message, params }: ErrorObject): string {
  const detail = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
  return `${instancePath || 'the body'} ${message}${detail}`;
}
