export * from './commands.ts';
export * from './coverage.ts';
export * from './decide.ts';
export * from './events.ts';
export * from './grants.ts';
export * from './policy.ts';
export * from './state.ts';
export * from './stream.ts';
