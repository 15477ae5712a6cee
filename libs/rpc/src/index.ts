export { actorOf, type Caller, type Role, roles } from './caller.ts';
export { type CallContext, type CommandContext, type WrittenPosition } from './call-context.ts';
export { type Answer, type CallOptions, type Client, type ClientOptions, createClient } from './client.ts';
export { FieldErrors } from './field-errors.ts';
export { checkHealth } from './health.ts';
export { knownByBytes } from '@touchline/event-log';
export { type Handlers, implement, type Implementation } from './implement.ts';
export { type DeploymentKeys, generateDeploymentKeys } from './keys.ts';
export { type RpcLogger, silentLogger } from './logger.ts';
export {
  operator,
  readModelsClient,
  readModelsService,
  RebuildPhase,
  type RebuildReport,
  type ServedReadModels,
} from './read-models-service.ts';
export { type FieldMessages, RpcError, type RpcErrorOptions, type RpcStatus } from './rpc-error.ts';
export { type RpcServer, serve, type ServeOptions } from './server.ts';
export { togetherBy } from '@touchline/event-log';
export {
  serviceToken,
  type SignedToken,
  TokenSigner,
  TokenVerifier,
  type UserClaims,
  userTokenLifetimeS,
  type VerifiedToken,
} from './tokens.ts';
