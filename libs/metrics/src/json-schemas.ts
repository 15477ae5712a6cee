import { PARAMETER_NAMES, PARAMETERS } from './parameters.ts';
import { type Sport, SPORT_PROFILES } from './sports.ts';

export type JsonSchemaType = 'ACTIVITY' | 'TIMEFRAME';

/** One of the twelve built-in JSON schemas, as `/json-schemas/` shows it, with the sport it fixes. */
export interface SportJsonSchema {
  readonly id: number;
  readonly name: string;
  readonly type: JsonSchemaType;
  /** The id of the sport's ACTIVITY schema; null for an ACTIVITY schema. */
  readonly parent: number | null;
  readonly sport: Sport;
  /** JSON Schema, draft 2020-12. Unknown keys are allowed. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

function parameterProperties(sport: Sport): Record<string, unknown> {
  const { defaults } = SPORT_PROFILES[sport];
  return Object.fromEntries(
    PARAMETER_NAMES.map((name) => [name, { ...PARAMETERS[name], default: defaults[name] }]),
  );
}

function activitySchema(id: number, sport: Sport): SportJsonSchema {
  const name = `activity_${sport}`;
  const properties = {
    sport: { description: 'The sport of the activity.', const: sport },
    gpx: { description: 'The course as a GPX document.', type: 'string' },
    ...parameterProperties(sport),
  };
  const schema = { $schema: DIALECT, title: name, type: 'object', required: ['sport'], properties };
  return { id, name, type: 'ACTIVITY', parent: null, sport, schema };
}

function timeFrameSchema(id: number, sport: Sport, parent: number): SportJsonSchema {
  const name = `timeframe_${sport}`;
  const schema = { $schema: DIALECT, title: name, type: 'object', properties: parameterProperties(sport) };
  return { id, name, type: 'TIMEFRAME', parent, sport, schema };
}

/**
 * The twelve JSON schemas with their fixed ids. What they cannot say (lists ascend strictly, speed ranges start at 0)
 * `checkParams` says.
 */
export const JSON_SCHEMAS: readonly SportJsonSchema[] = [
  activitySchema(1, 'soccer'),
  activitySchema(2, 'biking'),
  activitySchema(3, 'running'),
  activitySchema(4, 'swimming'),
  activitySchema(5, 'trailrunning'),
  activitySchema(6, 'triathlon'),
  timeFrameSchema(7, 'biking', 2),
  timeFrameSchema(8, 'running', 3),
  timeFrameSchema(9, 'swimming', 4),
  timeFrameSchema(10, 'trailrunning', 5),
  timeFrameSchema(11, 'triathlon', 6),
  timeFrameSchema(12, 'soccer', 1),
];
