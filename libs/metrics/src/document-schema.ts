import { type MetricEntry, METRICS } from './registry.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** A key of the document: its values, or the keys below it. */
interface Node {
  entry: MetricEntry | undefined;
  isList: boolean;
  below: Map<string, Node>;
}

const newNode = (): Node => ({ entry: undefined, isList: false, below: new Map() });

/** The lists of efforts of a document: one for each of 1 to 5 thresholds. */
const thresholdKeys = ['threshold_1', 'threshold_2', 'threshold_3', 'threshold_4', 'threshold_5'];
/** By sport, and for power by what was recorded. */
const optionalKeys = new Set(['pace', 'elevation', 'power']);
const pairs = new Set(['range_percent_hrmax', 'range_bpm']);

/** JSON Schema (2020-12) of the computed data as it is answered: the registry, key by key, and `extensions.status`. */
export function documentSchema(): JsonSchema & { readonly $defs: Definitions } {
  const root = newNode();
  const definitions: Definitions = {};
  for (const entry of METRICS) {
    let node = root;
    for (const segment of entry.key.split('.')) {
      const name = segment.replace('[]', '');
      const next = node.below.get(name) ?? newNode();
      next.isList = segment.endsWith('[]');
      node.below.set(name, next);
      node = next;
    }
    node.entry = entry;
  }
  return { ...nodeSchema('', root, definitions), $defs: definitions };
}

type Definitions = Record<string, JsonSchema>;

function nodeSchema(name: string, node: Node, definitions: Definitions): JsonSchema {
  const { entry, isList } = node;
  const one = entry ? valueSchema(entry) : objectSchema(name, node, definitions);
  if (isList) {
    const length = pairs.has(name) ? { minItems: 2, maxItems: 2 } : {};
    return { type: 'array', items: one, ...length };
  }
  return name === 'hr_plot'
    ? { anyOf: [one, { const: 0, description: 'Without any heart rate sample' }] }
    : one;
}

function valueSchema({ title, unit, decimals, nullable }: MetricEntry): JsonSchema {
  const type = decimals === 0 ? 'integer' : 'number';
  const description = `${title.slice(0, 1).toUpperCase()}${title.slice(1)}${unit === '' ? '' : `, in ${unit}`}`;
  return { type: nullable ? [type, 'null'] : type, description };
}

function objectSchema(name: string, { below }: Node, definitions: Definitions): JsonSchema {
  const thresholds = below.get('threshold_n');
  if (thresholds) {
    const id = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Efforts`;
    definitions[id] = nodeSchema('', thresholds, definitions);
    const properties = Object.fromEntries(thresholdKeys.map((key) => [key, { $ref: `#/$defs/${id}` }]));
    return { type: 'object', properties, required: thresholdKeys.slice(0, 1), additionalProperties: false };
  }
  const members = [...below].map(([key, node]): [string, JsonSchema] => [
    key,
    nodeSchema(key, node, definitions),
  ]);
  if (name === 'extensions') members.push(['status', status]);
  const keys = members.map(([key]) => key);
  return {
    type: 'object',
    properties: Object.fromEntries(members),
    required: keys.filter((key) => !optionalKeys.has(key)),
    additionalProperties: false,
  };
}

const status: JsonSchema = {
  type: 'string',
  enum: ['pending', 'computing', 'up-to-date'],
  description: 'Whether everything that was known when the question came is in the document',
};
