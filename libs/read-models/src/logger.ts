/** The part of pino that this library uses. */
export interface ReadModelsLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: ReadModelsLogger = { info: () => {}, warn: () => {}, error: () => {} };
