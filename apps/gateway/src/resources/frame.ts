import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FrameSchema } from '@touchline/contracts/telemetry/v1/frames';
import { parseJson, type RawContent } from '@touchline/http';

type FrameMessage = MessageInitShape<typeof FrameSchema>;

/** The keys of a frame's parts, each with the column of the message that takes it; `timestamp` is in every part. */
const columns = {
  gnss: { latitude: 'latitudeDeg', longitude: 'longitudeDeg', speed: 'speedMps', altitude: 'altitudeM' },
  ecg: { hr: 'hrBpm' },
  pwr: { pwr_cadence: 'cadenceRpm', pwr_instantpower: 'instantPowerW' },
  device: { standstill: 'standstill', Bat_lvl: 'batteryLevel' },
} as const;

/** Why a frame cannot be read. */
class Malformed extends Error {}

/**
 * Reads one frame, an array of frames or lines of frames. What is wrong with a frame is said in its message, so that
 * the others are taken.
 * @throws HttpError 400 for a body that is not JSON as a whole
 */
export function readFrames({ mediaType, text }: RawContent): FrameMessage[] {
  if (mediaType === 'application/x-ndjson') {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(readLine);
  }
  const json = parseJson(text);
  return (Array.isArray(json) ? json : [json]).map(readFrame);
}

function readLine(line: string): FrameMessage {
  try {
    return readFrame(JSON.parse(line));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { malformed: `The line is not JSON: ${error.message}` };
  }
}

function readFrame(json: unknown): FrameMessage {
  try {
    if (!isObject(json)) throw new Malformed(`A frame is an object, not ${nameOf(json)}.`);
    const frame: Record<string, unknown> = {};
    for (const [part, keys] of Object.entries(columns)) {
      const given = own(json, part);
      if (given !== undefined && given !== null) frame[part] = readPart(part, given, keys);
    }
    return frame;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { malformed: error.message };
  }
}

function readPart(part: string, given: unknown, keys: Readonly<Record<string, string>>) {
  if (!isObject(given)) throw new Malformed(`${part} is an object, not ${nameOf(given)}.`);
  const timestamps = own(given, 'timestamp');
  const read: Record<string, unknown> = {
    timestampMs: readColumn(`${part}.timestamp`, timestamps ?? [], false),
  };
  for (const [key, column] of Object.entries(keys)) {
    const values = own(given, key);
    if (values === undefined) continue;
    // A null in the place of a whole column is a column of nulls.
    if (values === null && Array.isArray(timestamps)) continue;
    read[column] = { values: readColumn(`${part}.${key}`, values, true) };
  }
  return read;
}

/** A number is a column of one. */
function readColumn(name: string, given: unknown, nullable: boolean): number[] {
  const values: unknown[] = Array.isArray(given) ? given : [given];
  return values.map((value, index) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (value === null && nullable) return NaN;
    const place = Array.isArray(given) ? `${name}[${index}]` : name;
    throw new Malformed(`${place} is no number but ${nameOf(value)}.`);
  });
}

function own(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key as keyof object] : undefined;
}

function isObject(json: unknown): json is object {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function nameOf(json: unknown): string {
  if (json === null) return 'null';
  if (Array.isArray(json)) return 'an array';
  return typeof json === 'number' && !Number.isFinite(json) ? 'a number out of range' : `a ${typeof json}`;
}

const number = { type: ['number', 'null'] };
const timestamp = { type: 'integer', description: 'ms since 1970-01-01T00:00:00Z' };

/** For the documentation: each key holds a number or an array of them, all of a part of the same length. */
export const frameSchema = {
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(columns).map(([part, keys]) => [
      part,
      {
        type: 'object',
        properties: Object.fromEntries(
          ['timestamp', ...Object.keys(keys)].map((key) => {
            const one = key === 'timestamp' ? timestamp : number;
            return [key, { anyOf: [one, { type: 'array', items: one }] }];
          }),
        ),
      },
    ]),
  ),
};

export const frameExample = {
  gnss: {
    timestamp: [1694432512500, 1694432512600],
    latitude: [46.5376, 46.53761],
    longitude: [6.5926, 6.59262],
    speed: [4.1, 4.2],
    altitude: [495.1, null],
  },
  ecg: { timestamp: 1694432512600, hr: 141 },
};
