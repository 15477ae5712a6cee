export { EngineError, type EngineErrorCode } from './log/errors.ts';
export { type LogEngine, type LogEngineOptions, startLogEngine } from './log/engine.ts';
export { type LogWorkerData, type LogWorkerMessage } from './log/worker.ts';
