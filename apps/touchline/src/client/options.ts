import path from 'node:path';

/** The data directory: the option, else TOUCHLINE_DATA_DIR, else `./.touchline`. */
export const dataDirectory = (option?: string): string =>
  path.resolve(option ?? process.env['TOUCHLINE_DATA_DIR'] ?? '.touchline');
