import { type TimeFrameAccumulator } from './accumulator.ts';
import { checkColumns, type Columns } from './columns.ts';
import { compute } from './compute.ts';
import { type TimeFrameInput } from './compute-input.ts';
import { type MetricsDocument } from './document.ts';
import { SampleStore } from './input/sample-store.ts';

/** Keeps every sample and computes the whole document anew when samples came since the last one. */
export function batchAccumulator(input: TimeFrameInput): TimeFrameAccumulator {
  const gnss = new SampleStore(5);
  const ecg = new SampleStore(2);
  const pwr = new SampleStore(3);
  let document: MetricsDocument | null = null;

  return {
    add(samples) {
      checkColumns(samples);
      const { t, latitude, longitude, speed, altitude } = samples.gnss;
      gnss.append([t, speed, latitude, longitude, altitude]);
      ecg.append([samples.ecg.t, samples.ecg.hr]);
      pwr.append([samples.pwr.t, samples.pwr.power, samples.pwr.cadence]);
      document = null;
      return {};
    },
    snapshot() {
      document ??= compute({ ...input, columns: columns() });
      return document;
    },
  };

  function columns(): Columns {
    const [t, speed, latitude, longitude, altitude] = gnss.ordered();
    const [ecgT, hr] = ecg.ordered();
    const [pwrT, power, cadence] = pwr.ordered();
    return {
      gnss: { t: t!, latitude: latitude!, longitude: longitude!, speed: speed!, altitude: altitude! },
      ecg: { t: ecgT!, hr: hr! },
      pwr: { t: pwrT!, power: power!, cadence: cadence! },
    };
  }
}
