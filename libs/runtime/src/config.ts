import type { Parser } from './parsers.ts';

export interface Setting<Value> {
  /** The environment variable. */
  env: string;
  about: string;
  parser: Parser<unknown>;
  /** What holds when the variable is absent or empty; `undefined` alone makes the setting required. */
  absent: { value: Value } | undefined;
  /** The default as the printed table shows it. */
  shownDefault: string;
  secret: boolean;
}

export type ConfigTable = Readonly<Record<string, Setting<unknown>>>;

export type Config<Table extends ConfigTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never;
};

interface Shown {
  /** Never printed, not even when it is wrong. */
  secret?: boolean;
}

export function required<Value>(
  env: string,
  parser: Parser<Value>,
  about: string,
  { secret = false }: Shown = {},
): Setting<Value> {
  return { env, about, parser, absent: undefined, shownDefault: 'required', secret };
}

export function withDefault<Value>(
  env: string,
  parser: Parser<Value>,
  value: Value,
  about: string,
  { secret = false }: Shown = {},
): Setting<Value> {
  return { env, about, parser, absent: { value }, shownDefault: secret ? '(secret)' : String(value), secret };
}

export function optional<Value>(
  env: string,
  parser: Parser<Value>,
  about: string,
  { secret = false }: Shown = {},
): Setting<Value | undefined> {
  return { env, about, parser, absent: { value: undefined }, shownDefault: '', secret };
}

/** Everything that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** @throws ConfigError that names each wrong or missing variable and what it should hold */
export function parseConfig<Table extends ConfigTable>(
  table: Table,
  env: Readonly<Record<string, string | undefined>>,
): Config<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const given = env[setting.env];
    if (given === undefined || given === '') {
      if (setting.absent) values[name] = setting.absent.value;
      else problems.push(`${setting.env} is missing: expected ${setting.parser.expects} (${setting.about}).`);
      continue;
    }
    const value = setting.parser.parse(given);
    if (value !== undefined) values[name] = value;
    else {
      const got = setting.secret ? 'something else (not shown, it is secret)' : JSON.stringify(given);
      problems.push(
        `${setting.env} is wrong: expected ${setting.parser.expects}, got ${got} (${setting.about}).`,
      );
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Config<Table>;
}

/** The table as text, for `--help`. */
export function renderConfigTable(table: ConfigTable): string {
  const rows = [
    ['VARIABLE', 'DEFAULT', 'VALUE', 'MEANING'],
    ...Object.values(table).map((setting) => [
      setting.env,
      setting.shownDefault,
      setting.parser.expects,
      setting.about,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}
