import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { routes } from './routes/index.ts';

const root = join(import.meta.dirname, '../../..');
/** Asked of whoever is signed in or of nobody, so no context has a rule for them. */
const withoutOwner = 'gateway';

/** The tests of a context's rules on who may: they name each operation that the context authorises. */
function policySpecs(context: string): string {
  const files = globSync(`libs/${context}/{domain,service}/src/policy.spec.ts`, { cwd: root });
  return files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}

const owners = [...new Set(routes.map(({ owner }) => owner))].filter((owner) => owner !== withoutOwner);

describe.each(owners)('the context %s', (owner) => {
  const spec = policySpecs(owner);
  const owned = routes.filter((route) => route.owner === owner).map(({ operationId }) => operationId);

  it.each(owned)('has a policy test for %s', (operationId) => {
    expect(spec, `libs/${owner}/…/policy.spec.ts names '${operationId}'`).toMatch(
      new RegExp(`['"\`]${operationId}['"\`]`),
    );
  });
});

it('leaves only operations without a rule to no context', () => {
  const unowned = routes.filter(({ owner }) => owner === withoutOwner).map(({ operationId }) => operationId);
  expect(unowned.filter((name) => !name.startsWith('show:'))).toEqual([
    'checkLiveness',
    'checkReadiness',
    'retrieveOpenApi',
  ]);
});
