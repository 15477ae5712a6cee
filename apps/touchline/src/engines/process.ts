import { optional, port, required, runProcess, text } from '@touchline/runtime';
import { startEngines } from './start-engines.ts';

/** The embedded engines under the supervisor; the ones without a port are served elsewhere. */
await runProcess({
  name: 'engines',
  config: {
    dataDir: required('TOUCHLINE_DATA_DIR', text, 'where the engines keep their files'),
    log: optional('LOG_ENGINE_PORT', port, 'where the log is served'),
    database: optional('DATABASE_ENGINE_PORT', port, 'where the database is served'),
  },
  async start({ dataDir, log, database }) {
    const engines = await startEngines(dataDir, {
      ...(log === undefined ? {} : { log }),
      ...(database === undefined ? {} : { database }),
    });
    // Without its engines the process is of no use: the uncaught rejection ends it, and the supervisor starts anew.
    void engines.died;
    return { stop: () => engines.close() };
  },
});
