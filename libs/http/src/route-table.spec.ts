import { describe, expect, it } from 'vitest';
import { noContent } from './reply.ts';
import { type Method, routeDefiner } from './route.ts';
import { RouteTable } from './route-table.ts';

const defineRoute = routeDefiner<null>();
const route = (method: Method, path: string, root = false) =>
  defineRoute({
    method,
    path,
    root,
    operationId: `${method} ${path}`,
    summary: '',
    owner: 'test',
    access: 'anyone',
    who: 'anyone',
    responses: {},
    handler: async () => noContent(),
  });
const basePaths = [{ prefix: '/api/v1' }, { prefix: '/v1' }, { prefix: '/api', bareLists: true }];
const table = new RouteTable(
  [
    route('GET', '/athletes/'),
    route('POST', '/athletes/'),
    route('GET', '/athletes/{athlete}/'),
    route('POST', '/athletes/create-managed/'),
    route('DELETE', '/athletes/{athlete}/permissions/{manager}/'),
    route('GET', '/openapi.json'),
    route('GET', '/healthz', true),
  ],
  basePaths,
);
const operation = (method: string, path: string) => {
  const match = table.match(method, path);
  return match.kind === 'route' ? match.route.operationId : match.kind;
};

describe('finding a route', () => {
  it.each(['/api/v1/athletes/', '/v1/athletes/', '/api/athletes/'])('knows the base path of %s', (path) => {
    expect(operation('GET', path)).toBe('GET /athletes/');
  });

  it('has bare lists only under the older base path', () => {
    expect(table.match('GET', '/api/athletes/')).toMatchObject({ bareLists: true });
    expect(table.match('GET', '/api/v1/athletes/')).toMatchObject({ bareLists: false });
  });

  it('gives the ids of the path as they came', () => {
    expect(table.match('DELETE', '/v1/athletes/12/permissions/x/')).toMatchObject({
      params: { athlete: '12', manager: 'x' },
    });
  });

  it('prefers a fixed segment to an id', () => {
    expect(operation('POST', '/api/v1/athletes/create-managed/')).toBe('POST /athletes/create-managed/');
    expect(table.match('GET', '/api/v1/athletes/create-managed/')).toEqual({
      kind: 'method_not_allowed',
      allowed: ['POST'],
    });
  });

  it('answers HEAD where it answers GET, and says so', () => {
    expect(operation('HEAD', '/v1/athletes/')).toBe('GET /athletes/');
    expect(table.match('PUT', '/v1/athletes/')).toEqual({
      kind: 'method_not_allowed',
      allowed: ['GET', 'HEAD', 'POST'],
    });
  });

  it('notices a missing slash, with ids, too', () => {
    expect(operation('GET', '/api/v1/athletes')).toBe('slash_missing');
    expect(operation('POST', '/api/athletes/12')).toBe('slash_missing');
  });

  it.each([
    '/',
    '/athletes/',
    '/api/v1/',
    '/api/v1',
    '/api/v1//',
    '/api/v1/athletes//',
    '/api/v2/athletes/',
    '/api/v1/athletes/12/permissions/',
    '/api/v1/openapi.json/',
    '/api/v1/healthz',
    '/apiv1/athletes/',
  ])('does not know %s', (path) => {
    expect(operation('GET', path)).toBe('unknown');
  });

  it('knows what lies outside the base paths', () => {
    expect(operation('GET', '/healthz')).toBe('GET /healthz');
  });

  it('refuses two routes for one method and path', () => {
    expect(() => new RouteTable([route('GET', '/a/'), route('GET', '/a/')], basePaths)).toThrow(/Two routes/);
    expect(() => new RouteTable([route('GET', '/a/{b}/'), route('PUT', '/a/{c}/')], basePaths)).toThrow(
      /two names/,
    );
  });
});
