export { type TimeFrameAccumulator } from './accumulator.ts';
export { ALGORITHM_VERSION } from './algorithm-version.ts';
export { batchAccumulator } from './batch-accumulator.ts';
export { checkParams, type ParamsProblem } from './check-params.ts';
export {
  type Columns,
  ColumnsError,
  type EcgColumns,
  emptyColumns,
  type GnssColumns,
  type PwrColumns,
} from './columns.ts';
export { compute, emptyDocument } from './compute.ts';
export { type ComputeInput, type TimeFrameInput, type Window } from './compute-input.ts';
export { documentSchema } from './document-schema.ts';
export * from './document.ts';
export { JSON_SCHEMAS, type JsonSchemaType, type SportJsonSchema } from './json-schemas.ts';
export { type LiveAccumulator, liveAccumulator, restoreAccumulator } from './live/live-accumulator.ts';
export { type ParameterName, type SportParams } from './parameters.ts';
export { type MetricEntry, METRICS, metricsTable } from './registry.ts';
export { roundDocument } from './round-document.ts';
export { type Sport, SPORTS } from './sports.ts';
