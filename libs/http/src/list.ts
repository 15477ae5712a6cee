import { type FieldMessages, invalidPage } from './errors.ts';
import { type JsonSchema, lastValue } from './query.ts';

/** What a list operation takes beside its filters. */
export interface ListRules {
  /** Fields to order by; each also with `-` in front. */
  ordering: readonly string[];
  searchable?: boolean;
  /** 150 when left out. */
  defaultLimit?: number;
  /** More is clamped to it; 3000 when left out. */
  maxLimit?: number;
}

export interface ListQuery {
  /** From 1. */
  page: number;
  limit: number;
  ordering: readonly string[];
  search: string;
  /** The page asked for cannot exist: answered with 404 once the caller's rights are known. */
  pageIsInvalid: boolean;
  /** Neither page nor limit was given under the older base path: the bare array is answered. */
  bare: boolean;
}

export interface ListEnvelope<T> {
  count: number;
  page: number;
  next: number | null;
  previous: number | null;
  results: readonly T[];
}

const usualLimit = 150;
const usualMaxLimit = 3000;
const maxBareResults = 3000;
const maxPage = 4_294_967_295;

/** @param bareAllowed whether the base path is the one whose unpaged lists are bare arrays */
export function readListQuery(
  rules: ListRules,
  parameters: URLSearchParams,
  bareAllowed: boolean,
): { list: ListQuery; errors: FieldMessages } {
  const errors: Record<string, string[]> = {};
  const pageText = lastValue(parameters, 'page');
  const limitText = lastValue(parameters, 'limit');
  const bare = bareAllowed && pageText === undefined && limitText === undefined;
  const page = pageText === undefined ? 1 : readPage(pageText);
  const limit = readLimit(limitText, rules);
  if (typeof limit === 'string') errors['limit'] = [limit];
  const ordering = readOrdering(rules.ordering, lastValue(parameters, 'ordering'));
  if (typeof ordering === 'string') errors['ordering'] = [ordering];
  const list = {
    page: page ?? 1,
    limit: bare ? maxBareResults : typeof limit === 'string' ? 1 : limit,
    ordering: typeof ordering === 'string' ? [] : ordering,
    search: (rules.searchable ? lastValue(parameters, 'search') : undefined)?.replaceAll('\0', ' ') ?? '',
    pageIsInvalid: page === undefined,
    bare,
  };
  return { list, errors };
}

function readPage(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const page = Number(text);
  return page >= 1 && page <= maxPage ? page : undefined;
}

function readLimit(text: string | undefined, rules: ListRules): number | string {
  if (text === undefined) return rules.defaultLimit ?? usualLimit;
  if (!/^[+-]?\d+$/.test(text.trim())) return 'A valid integer is required.';
  const limit = Number(text);
  if (limit < 1) return 'Ensure this value is greater than or equal to 1.';
  return Math.min(limit, rules.maxLimit ?? usualMaxLimit);
}

/** @returns the fields, or what is wrong with one of them */
export function readOrdering(known: readonly string[], text: string | undefined): readonly string[] | string {
  if (text === undefined || known.length === 0) return [];
  const fields = text.split(',').map((name) => name.trim());
  for (const name of fields) {
    if (known.includes(name.startsWith('-') ? name.slice(1) : name)) continue;
    return `"${name.slice(0, 50)}" is not a valid choice. Order by ${known.join(', ')}; a - in front reverses.`;
  }
  return fields;
}

/** @throws HttpError 404 for a page past the end; page 1 of nothing is there */
export function listEnvelope<T>(list: ListQuery, count: number, results: readonly T[]): ListEnvelope<T> {
  const pages = Math.max(1, Math.ceil(count / list.limit));
  if (list.pageIsInvalid || list.page > pages) throw invalidPage();
  return {
    count,
    page: list.page,
    next: list.page < pages ? list.page + 1 : null,
    previous: list.page > 1 ? list.page - 1 : null,
    results,
  };
}

/** The OpenAPI parameters of a list. */
export function listParameters(
  rules: ListRules,
): readonly { name: string; schema: JsonSchema; description: string }[] {
  const limit = rules.defaultLimit ?? usualLimit;
  const max = rules.maxLimit ?? usualMaxLimit;
  return [
    { name: 'page', schema: { type: 'integer', minimum: 1, default: 1 }, description: 'Page number' },
    {
      name: 'limit',
      schema: { type: 'integer', minimum: 1, default: limit },
      description: `Number of results per page (max is ${max})`,
    },
    ...(rules.ordering.length === 0 ? [] : [orderingParameter(rules.ordering)]),
    ...(rules.searchable
      ? [
          {
            name: 'search',
            schema: { type: 'string' },
            description: 'Terms separated by spaces; each must occur in one of the searched fields',
          },
        ]
      : []),
  ];
}

function orderingParameter(fields: readonly string[]) {
  return {
    name: 'ordering',
    schema: { type: 'string' },
    description: `Fields to order by, separated by commas: ${fields.join(', ')}. A - in front reverses.`,
    example: fields[0] ?? '',
  };
}
