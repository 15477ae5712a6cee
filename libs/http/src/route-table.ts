import type { Method, Route } from './route.ts';

export interface BasePath {
  /** Without the slash at the end: `/api/v1`. */
  prefix: string;
  /** Lists asked for with neither page nor limit are bare arrays. */
  bareLists?: boolean;
}

export type RouteMatch<C> =
  | { kind: 'route'; route: Route<C>; params: Readonly<Record<string, string>>; bareLists: boolean }
  | { kind: 'method_not_allowed'; allowed: readonly string[] }
  | { kind: 'slash_missing' }
  | { kind: 'unknown' };

interface Node<C> {
  fixed: Map<string, Node<C>>;
  variable: { name: string; node: Node<C> } | undefined;
  routes: Map<Method, Route<C>>;
}

/** Finds routes by method and path; a fixed segment goes before an id. */
export class RouteTable<C> {
  readonly #based = newNode<C>();
  readonly #root = newNode<C>();
  readonly #basePaths: readonly BasePath[];

  /** @param basePaths the first whose prefix leads to a route is taken */
  constructor(routes: readonly Route<C>[], basePaths: readonly BasePath[]) {
    this.#basePaths = basePaths;
    for (const route of routes) insert(route.root ? this.#root : this.#based, route);
  }

  /** @param path not decoded, without the query */
  match(method: string, path: string): RouteMatch<C> {
    const found = this.#find(path);
    if (!found)
      return !path.endsWith('/') && this.#find(`${path}/`) ? { kind: 'slash_missing' } : { kind: 'unknown' };
    const { node, params, bareLists } = found;
    const route = node.routes.get((method === 'HEAD' ? 'GET' : method) as Method);
    if (route) return { kind: 'route', route, params, bareLists };
    return { kind: 'method_not_allowed', allowed: allowedOf(node) };
  }

  #find(path: string) {
    const atRoot = walk(this.#root, path);
    if (atRoot) return { ...atRoot, bareLists: false };
    for (const { prefix, bareLists = false } of this.#basePaths) {
      if (!path.startsWith(`${prefix}/`)) continue;
      const found = walk(this.#based, path.slice(prefix.length));
      if (found) return { ...found, bareLists };
    }
    return undefined;
  }
}

function newNode<C>(): Node<C> {
  return { fixed: new Map(), variable: undefined, routes: new Map() };
}

function insert<C>(root: Node<C>, route: Route<C>): void {
  let node = root;
  for (const segment of route.path.split('/').slice(1)) node = step(node, segment);
  if (node.routes.has(route.method)) throw new Error(`Two routes for ${route.method} ${route.path}.`);
  node.routes.set(route.method, route);
}

function step<C>(node: Node<C>, segment: string): Node<C> {
  const name = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (name !== undefined) {
    node.variable ??= { name, node: newNode() };
    if (node.variable.name !== name)
      throw new Error(`One place has two names: ${node.variable.name} and ${name}.`);
    return node.variable.node;
  }
  let next = node.fixed.get(segment);
  if (!next) node.fixed.set(segment, (next = newNode()));
  return next;
}

function walk<C>(root: Node<C>, path: string) {
  let node = root;
  const params: Record<string, string> = {};
  for (const segment of path.split('/').slice(1)) {
    const fixed = node.fixed.get(segment);
    if (fixed) {
      node = fixed;
      continue;
    }
    if (!node.variable || segment === '') return undefined;
    params[node.variable.name] = segment;
    node = node.variable.node;
  }
  return node.routes.size > 0 ? { node, params } : undefined;
}

function allowedOf<C>(node: Node<C>): readonly string[] {
  return [...node.routes.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
