export * from './day-streams.ts';
export * from './columns.ts';
export { decodeSamples, encodeSamples, SamplesError } from './samples-codec.ts';
export * from './stored-frames.ts';
export * from './erased-days.ts';
