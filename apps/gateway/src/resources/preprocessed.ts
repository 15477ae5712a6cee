import type { PreprocessedRow } from '@touchline/contracts/telemetry/v1/service';
import * as z from 'zod';

const number = z.number().nullable();
const timestampMs = z.int().nullable();

export const preprocessedRowOutput = z
  .object({
    'gnss.timestamp': timestampMs,
    'gnss.latitude': number,
    'gnss.longitude': number,
    'gnss.speed': number,
    'gnss.altitude': number,
    'ecg.timestamp': timestampMs,
    'ecg.hr': number,
    'pwr.timestamp': timestampMs,
    'pwr.pwr_cadence': number,
    'pwr.pwr_instantpower': number,
    'device.Bat_lvl': number,
    'device.standstill': number,
  })
  .meta({ id: 'PreprocessedRow' });

export type PreprocessedJson = z.output<typeof preprocessedRowOutput>;

export const preprocessedRowExample: PreprocessedJson = {
  'gnss.timestamp': 1694432512600,
  'gnss.latitude': 46.5376,
  'gnss.longitude': 6.5926,
  'gnss.speed': 4.2,
  'gnss.altitude': 495.1,
  'ecg.timestamp': 1694432512600,
  'ecg.hr': 141,
  'pwr.timestamp': null,
  'pwr.pwr_cadence': null,
  'pwr.pwr_instantpower': null,
  'device.Bat_lvl': null,
  'device.standstill': null,
};

export function preprocessedJson(row: PreprocessedRow): PreprocessedJson {
  const atMs = Number(row.timestampMs);
  return {
    'gnss.timestamp': row.hasGnss ? atMs : null,
    'gnss.latitude': finite(row.latitudeDeg),
    'gnss.longitude': finite(row.longitudeDeg),
    'gnss.speed': finite(row.speedMps),
    'gnss.altitude': finite(row.altitudeM),
    'ecg.timestamp': row.hasEcg ? atMs : null,
    'ecg.hr': finite(row.hrBpm),
    'pwr.timestamp': row.hasPwr ? atMs : null,
    'pwr.pwr_cadence': finite(row.cadenceRpm),
    'pwr.pwr_instantpower': finite(row.instantPowerW),
    'device.Bat_lvl': finite(row.batteryLevel),
    'device.standstill': finite(row.standstill),
  };
}

/** A missing value is stored as NaN, which JSON has not. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** RFC 4180, the keys in the first line, nothing for null. */
export function preprocessedCsv(rows: readonly PreprocessedJson[]): string {
  const keys = Object.keys(preprocessedRowOutput.shape) as (keyof PreprocessedJson)[];
  const lines = rows.map((row) => keys.map((key) => row[key] ?? '').join(','));
  return [keys.join(','), ...lines, ''].join('\r\n');
}
