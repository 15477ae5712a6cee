import type { Column, Frame as FrameMessage } from '@touchline/contracts/telemetry/v1/frames';
import type { Frame } from '@touchline/telemetry-domain';

const values = (column: Column | undefined): readonly number[] | undefined => column?.values;

/** A frame of a request as the domain judges it. */
export function frameOf({ gnss, ecg, pwr, device, malformed }: FrameMessage): Frame {
  return {
    ...(gnss && {
      gnss: {
        t: gnss.timestampMs,
        fields: {
          latitude: values(gnss.latitudeDeg),
          longitude: values(gnss.longitudeDeg),
          speed: values(gnss.speedMps),
          altitude: values(gnss.altitudeM),
        },
      },
    }),
    ...(ecg && { ecg: { t: ecg.timestampMs, fields: { hr: values(ecg.hrBpm) } } }),
    ...(pwr && {
      pwr: {
        t: pwr.timestampMs,
        fields: { power: values(pwr.instantPowerW), cadence: values(pwr.cadenceRpm) },
      },
    }),
    ...(device && {
      device: {
        t: device.timestampMs,
        fields: { standstill: values(device.standstill), batteryLevel: values(device.batteryLevel) },
      },
    }),
    ...(malformed === undefined ? {} : { malformed }),
  };
}
