import type { Columns } from '../columns.ts';
import type { Window } from '../compute-input.ts';
import { SampleStore } from './sample-store.ts';
import { lowerBound } from './time-order.ts';

const CHANNELS = ['gnss', 'ecg', 'pwr'] as const;

/** Fields of a channel, t first, then in the order that decides among samples of one time. */
function fieldsOf({ gnss, ecg, pwr }: Columns): Record<(typeof CHANNELS)[number], readonly Float64Array[]> {
  return {
    gnss: [gnss.t, gnss.speed, gnss.latitude, gnss.longitude, gnss.altitude],
    ecg: [ecg.t, ecg.hr],
    pwr: [pwr.t, pwr.power, pwr.cadence],
  };
}

/** First and last time of a set of samples; infinite, the wrong way round, for none. */
export interface TimeRange {
  fromMs: number;
  toMs: number;
}

/** Samples of the three channels inside a window. */
export class SampleStores {
  readonly #window: Window;
  readonly #stores = { gnss: new SampleStore(5), ecg: new SampleStore(2), pwr: new SampleStore(3) };

  constructor(window: Window) {
    this.#window = window;
  }

  /** Takes what lies in the window and tells its first and last time. */
  append(columns: Columns): TimeRange {
    const range = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
    const fields = fieldsOf(columns);
    for (const channel of CHANNELS) this.#appendChannel(this.#stores[channel], fields[channel], range);
    return range;
  }

  #appendChannel(store: SampleStore, columns: readonly Float64Array[], range: TimeRange): void {
    const { startMs, endMs } = this.#window;
    const t = columns[0]!;
    let outside = 0;
    for (let i = 0; i < t.length; i++) {
      const now = t[i]!;
      if (!(now >= startMs && now < endMs)) outside++;
      else {
        if (now < range.fromMs) range.fromMs = now;
        if (now > range.toMs) range.toMs = now;
      }
    }
    if (outside === 0) store.append(columns);
    else store.append(columns.map((column) => column.filter((_, i) => t[i]! >= startMs && t[i]! < endMs)));
  }

  /** The samples in time order, exact repeats once; views that are valid until the next change. */
  ordered(): Columns {
    const [t, speed, latitude, longitude, altitude] = this.#stores.gnss.ordered();
    const [ecgT, hr] = this.#stores.ecg.ordered();
    const [pwrT, power, cadence] = this.#stores.pwr.ordered();
    return {
      gnss: { t: t!, latitude: latitude!, longitude: longitude!, speed: speed!, altitude: altitude! },
      ecg: { t: ecgT!, hr: hr! },
      pwr: { t: pwrT!, power: power!, cadence: cadence! },
    };
  }

  /** Number of samples, repeats included that have not been looked at yet. */
  get length(): number {
    return CHANNELS.reduce((sum, channel) => sum + this.#stores[channel].length, 0);
  }

  /** Number of different samples before a time. */
  countBefore(timeMs: number): number {
    return CHANNELS.reduce(
      (sum, channel) => sum + lowerBound(this.#stores[channel].ordered()[0]!, timeMs),
      0,
    );
  }

  /** Time of the nth newest sample of the fullest channel; minus infinity when it has fewer. */
  nthNewestMs(n: number): number {
    const times = CHANNELS.map((channel) => this.#stores[channel].ordered()[0]!);
    const fullest = times.reduce((a, b) => (b.length > a.length ? b : a));
    return fullest[fullest.length - n] ?? Number.NEGATIVE_INFINITY;
  }

  dropBefore(timeMs: number): void {
    for (const channel of CHANNELS) this.#stores[channel].dropBefore(timeMs);
  }

  clear(): void {
    for (const channel of CHANNELS) this.#stores[channel].clear();
  }

  get heldBytes(): number {
    return CHANNELS.reduce((sum, channel) => sum + this.#stores[channel].heldBytes, 0);
  }
}
