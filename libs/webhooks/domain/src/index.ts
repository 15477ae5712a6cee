export * from './callbacks.ts';
export * from './commands.ts';
export * from './decide.ts';
export * from './events.ts';
export * from './mask.ts';
export * from './policy.ts';
export * from './state.ts';
export * from './stream.ts';
