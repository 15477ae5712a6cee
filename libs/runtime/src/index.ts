export {
  type Config,
  ConfigError,
  type ConfigTable,
  optional,
  parseConfig,
  renderConfigTable,
  required,
  type Setting,
  withDefault,
} from './config.ts';
export { exitCodes } from './exit-codes.ts';
export {
  isSupervised,
  isToChild,
  isToSupervisor,
  tellSupervisor,
  type ToChild,
  type ToSupervisor,
} from './ipc.ts';
export { createLogger, describeError, type Logger, type LoggerOptions } from './logging.ts';
export {
  address,
  type Address,
  addressRanges,
  base64,
  jsonObject,
  oneOf,
  type Parser,
  peerAddress,
  port,
  text,
  url,
  wholeNumber,
} from './parsers.ts';
export {
  type ProcessOptions,
  type ProcessState,
  type ProcessTools,
  runProcess,
  type RunningProcess,
} from './run-process.ts';
export {
  allowPrivateSetting,
  firstStartSettings,
  mailSettings,
  masterKeySetting,
  nameSecretSetting,
  type Peer,
  peerSetting,
  processSettings,
  serviceSettings,
  tokenKeySetting,
} from './settings.ts';
