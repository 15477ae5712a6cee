import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromFrames, parseChannel, readRecording, RecordingError, toFrames } from './recordings.ts';

const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const NONE = Number.NaN;

describe('readRecording', () => {
  it('reads the channels beside the gnss file and lets the header decide the columns', () => {
    const path = write('ride.gnss.csv', 'speed,timestamp,latitude\n1.5,1000,\n,2000,47.25\n');
    write('ride.ecg.csv', 'timestamp,hr\r\n1000,120\r\n');
    write('ride.pwr.csv', 'timestamp,pwr_instantpower\n1000,250\n');
    const { gnss, ecg, pwr } = readRecording(path);
    expect(gnss).toEqual({
      t: Float64Array.of(1000, 2000),
      latitude: Float64Array.of(NONE, 47.25),
      longitude: Float64Array.of(NONE, NONE),
      speed: Float64Array.of(1.5, NONE),
      altitude: Float64Array.of(NONE, NONE),
    });
    expect(ecg).toEqual({ t: Float64Array.of(1000), hr: Float64Array.of(120) });
    expect(pwr).toEqual({
      t: Float64Array.of(1000),
      power: Float64Array.of(250),
      cadence: Float64Array.of(NONE),
    });
  });

  it('has empty channels where there is no file beside it', () => {
    const { ecg, pwr } = readRecording(write('walk.gnss.csv', 'timestamp,speed\n1000,1\n'));
    expect([ecg.t.length, ecg.hr.length, pwr.t.length, pwr.power.length]).toEqual([0, 0, 0, 0]);
  });

  it('says what was wrong with the name', () => {
    expect(() => readRecording('some.csv')).toThrow(
      'some.csv: not the name of a recording, it would end in .gnss.csv',
    );
    expect(() => readRecording('none.gnss.csv')).toThrow('none.gnss.csv: no such file');
  });
});

describe('parseChannel', () => {
  it.each([
    ['', 'x.csv:1: no column "timestamp" in the header, it would be timestamp,latitude'],
    ['latitude\n1\n', 'x.csv:1: no column "timestamp" in the header'],
    [
      'timestamp,lat\n1,2\n',
      'x.csv:1: unknown column "lat", known are timestamp,latitude,longitude,speed,altitude',
    ],
    ['timestamp,speed,speed\n', 'x.csv:1: column "speed" appears twice'],
    ['timestamp,speed\n1000,1\n2000\n', 'x.csv:3: 1 cells, it would be 2 as in the header (timestamp,speed)'],
    ['timestamp,speed\n1000,fast\n', 'x.csv:2: speed "fast" is not a number, it would be like 4.25'],
    ['timestamp,speed\n1000,1e999\n', 'x.csv:2: speed "1e999" is not a number'],
    ['timestamp,speed\n1000.5,1\n', 'x.csv:2: timestamp "1000.5" is not whole milliseconds since 1970'],
    ['timestamp,speed\n,1\n', 'x.csv:2: timestamp "" is not whole milliseconds'],
  ])('refuses %j', (text, message) => {
    expect(() => parseChannel('gnss', text, 'x.csv')).toThrow(RecordingError);
    expect(() => parseChannel('gnss', text, 'x.csv')).toThrow(message);
  });
});

describe('toFrames', () => {
  const path = write(
    'frames.gnss.csv',
    'timestamp,latitude,longitude,speed,altitude\n900,1,2,3,\n1000,1,2,,4\n1900,5,6,7,8\n',
  );
  write('frames.ecg.csv', 'timestamp,hr\n3000,90\n');

  it('makes a frame for each second with samples, null where a value is missing', () => {
    expect(toFrames(readRecording(path))).toEqual([
      { gnss: { timestamp: [900], latitude: [1], longitude: [2], speed: [3], altitude: [null] } },
      {
        gnss: {
          timestamp: [1000, 1900],
          latitude: [1, 5],
          longitude: [2, 6],
          speed: [null, 7],
          altitude: [4, 8],
        },
      },
      { ecg: { timestamp: [3000], hr: [90] } },
    ]);
  });

  it('is undone by fromFrames', () => {
    const columns = readRecording(path);
    expect(fromFrames(toFrames(columns))).toEqual(columns);
  });
});
