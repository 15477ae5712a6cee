import { EventLog } from '@touchline/event-log';
import type { Subject } from './subject.ts';

const creations: Readonly<Record<string, string>> = {
  'identity.v1.AthleteCreated': '/athletes/',
  'activity.v1.ActivityCreated': '/activities/',
  'activity.v1.TimeFrameCreated': '/timeframes/',
};

/** What in the log is there twice or out of place, and what the API shows more or less of than the log holds. */
export async function logFaults({ admin }: Subject, eventstoreUrl: string): Promise<string[]> {
  const faults: string[] = [];
  const ids = new Set<string>();
  const counts = new Map<string, number>();
  const abandoned = new Map<string, number>();
  const log = EventLog.connect({ url: eventstoreUrl });
  try {
    for await (const { id, type, stream, revision } of log.readAll()) {
      if (ids.has(id)) faults.push(`event ${id} is in the log twice`);
      ids.add(id);
      counts.set(type, (counts.get(type) ?? 0) + 1);
      const before = abandoned.get(stream) ?? 0;
      if (type === 'log.v1.ReservationAbandoned') abandoned.set(stream, before + 1);
      else if (type in creations && revision !== before)
        faults.push(`${stream} is created at revision ${revision}`);
    }
  } finally {
    await log.close();
  }
  for (const [type, path] of Object.entries(creations)) {
    const { count } = await admin.get<{ count: number }>(`${path}?page=1&limit=1`);
    const logged = counts.get(type) ?? 0;
    if (count !== logged) faults.push(`${logged} ${type} are in the log, and ${count} in ${path}`);
  }
  return faults;
}
