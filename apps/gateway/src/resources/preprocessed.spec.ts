import { create } from '@bufbuild/protobuf';
import { PreprocessedRowSchema } from '@touchline/contracts/telemetry/v1/service';
import { expect, it } from 'vitest';
import { preprocessedCsv, preprocessedJson } from './preprocessed.ts';

const row = create(PreprocessedRowSchema, {
  timestampMs: 1_694_432_512_600n,
  hasGnss: true,
  latitudeDeg: 46.5,
  longitudeDeg: NaN,
  standstill: 0,
});

it('has a key for every channel and null for what is missing', () => {
  expect(preprocessedJson(row)).toEqual({
    'gnss.timestamp': 1_694_432_512_600,
    'gnss.latitude': 46.5,
    'gnss.longitude': null,
    'gnss.speed': null,
    'gnss.altitude': null,
    'ecg.timestamp': null,
    'ecg.hr': null,
    'pwr.timestamp': null,
    'pwr.pwr_cadence': null,
    'pwr.pwr_instantpower': null,
    'device.Bat_lvl': null,
    'device.standstill': 0,
  });
});

it('is written as CSV with the keys in the first line', () => {
  expect(preprocessedCsv([preprocessedJson(row)])).toBe(
    'gnss.timestamp,gnss.latitude,gnss.longitude,gnss.speed,gnss.altitude,ecg.timestamp,ecg.hr,' +
      'pwr.timestamp,pwr.pwr_cadence,pwr.pwr_instantpower,device.Bat_lvl,device.standstill\r\n' +
      '1694432512600,46.5,,,,,,,,,,0\r\n',
  );
});
