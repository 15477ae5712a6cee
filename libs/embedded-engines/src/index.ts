export { EngineError, type EngineErrorCode } from './log/errors.ts';
export { type LogEngine, type LogEngineOptions, startLogEngine } from './log/engine.ts';
export { type LogWorkerData, type LogWorkerMessage, type LogWorkerQuestion } from './log/worker.ts';
export { type DatabaseEngine, type DatabaseEngineOptions, startDatabaseEngine } from './database/engine.ts';
export { DatabaseFileError } from './database/errors.ts';
export {
  type DatabaseWorkerData,
  type DatabaseWorkerMessage,
  type DatabaseWorkerQuestion,
} from './database/worker.ts';
