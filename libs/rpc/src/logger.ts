/** The part of a pino logger that this library uses. */
export interface RpcLogger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export const silentLogger: RpcLogger = { error() {}, warn() {}, debug() {} };
