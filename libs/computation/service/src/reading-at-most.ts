import type { EventLog } from '@touchline/event-log';

/** The log, of which only so many streams are read at a time; whoever comes later waits for his turn. */
export function readingAtMost(max: number, log: Pick<EventLog, 'read'>): Pick<EventLog, 'read'> {
  let free = max;
  const waiting: (() => void)[] = [];
  return {
    async *read(stream, options) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        yield* log.read(stream, options);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
