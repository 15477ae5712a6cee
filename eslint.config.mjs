import nx from '@nx/eslint-plugin';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const contexts = ['identity', 'permission', 'activity', 'telemetry', 'computation', 'webhooks'];
const serviceLibraries = [
  'type:contracts',
  'type:metrics',
  'type:event-log',
  'type:samples',
  'type:read-models',
  'type:rpc',
];

/** Imports run one way; each tag names the whole list of what it may depend on. */
const depConstraints = [
  { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:metrics', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:http', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:runtime', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:embedded-engines', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:event-log', onlyDependOnLibsWithTags: ['type:contracts'] },
  { sourceTag: 'type:samples', onlyDependOnLibsWithTags: ['type:contracts', 'type:event-log'] },
  { sourceTag: 'type:read-models', onlyDependOnLibsWithTags: ['type:event-log'] },
  { sourceTag: 'type:rpc', onlyDependOnLibsWithTags: ['type:contracts', 'type:event-log'] },
  {
    sourceTag: 'type:testing',
    onlyDependOnLibsWithTags: [...serviceLibraries, 'type:runtime'],
  },
  { sourceTag: 'type:domain', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:domain', ...serviceLibraries] },
  {
    sourceTag: 'type:app',
    onlyDependOnLibsWithTags: ['type:service', 'type:runtime', ...serviceLibraries],
  },
  {
    sourceTag: 'type:gateway',
    onlyDependOnLibsWithTags: ['type:contracts', 'type:rpc', 'type:http', 'type:runtime'],
  },
  {
    sourceTag: 'type:command',
    onlyDependOnLibsWithTags: [
      'type:embedded-engines',
      'type:testing',
      'type:runtime',
      'type:rpc',
      'type:event-log',
      'type:metrics',
    ],
  },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:testing', 'type:metrics'] },
  ...contexts.map((context) => ({
    sourceTag: `context:${context}`,
    onlyDependOnLibsWithTags: [`context:${context}`, ...serviceLibraries, 'type:runtime'],
  })),
];

const boundaries = { enforceBuildableLibDependency: false, allow: [], banTransitiveDependencies: false };

/** Tests may use the testing library, which knows the libraries that they test. */
const specConstraints = depConstraints.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'type:testing'],
}));
const tested = ['metrics', 'event-log', 'samples', 'read-models', 'rpc', 'runtime', 'contracts'];
const testedByTesting = tested.map((name) => [`@touchline/${name}`, '@touchline/testing']);

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', '**/.nx/**', '**/gen/**', '.touchline/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: false } },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver': { node: { extensions: ['.ts'] } },
    },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { ...boundaries, depConstraints }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // Node strips types, but still loads a module of which only `import { type … }` is left.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      eqeqeq: 'error',
      'no-console': 'off',
    },
  },
  {
    // The domain is pure: time and ids arrive in the command.
    files: ['libs/*/domain/src/**/*.ts', 'libs/metrics/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.bench.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(?!\\./|\\.\\./)', message: 'The domain imports no package and nothing of Node.' },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time arrives in the command.' },
        { object: 'Math', property: 'random', message: 'Ids arrive in the command.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Time arrives in the command.',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { ...boundaries, depConstraints: specConstraints, ignoredCircularDependencies: testedByTesting },
      ],
    },
  },
);
