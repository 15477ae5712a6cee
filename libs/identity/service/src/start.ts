import { cachedKeySource, EventLog, fold, IdSequence, NameReservations } from '@touchline/event-log';
import { isUser, userSequence } from '@touchline/identity-domain';
import {
  connectMongo,
  followEvents,
  KeyStore,
  ProjectionRunner,
  ReadAudit,
  type ReadModelsLogger,
} from '@touchline/read-models';
import { readModelsService, type RpcLogger, serve, TokenSigner, TokenVerifier } from '@touchline/rpc';
import { AthleteExport } from './athlete-export.ts';
import { bootstrap, type FirstUsers } from './bootstrap.ts';
import { PasswordChanges } from './change-password.ts';
import { AccountCreation } from './create-accounts.ts';
import { AccountDeletions } from './delete-accounts.ts';
import { deletionTypes, Erasure } from './erasure.ts';
import { userEventCodec } from './event-codec.ts';
import { UserCommands } from './execute.ts';
import { identityHandlers } from './grpc-handlers.ts';
import { CredentialsMails } from './mail/credentials-mail.ts';
import { createMailer, type MailOptions } from './mail/mailer.ts';
import { AuthorizationCodes } from './oauth/authorization-codes.ts';
import { Authorization } from './oauth/authorization.ts';
import { OAuthClients } from './oauth/clients.ts';
import { TokenIssuer } from './oauth/issue-token.ts';
import { RefreshTokens } from './oauth/refresh-tokens.ts';
import { Revocations } from './oauth/revocations.ts';
import { signIn } from './oauth/sign-in.ts';
import { TokenInspection } from './oauth/token-inspection.ts';
import { accountsReadModel } from './projections/accounts.ts';
import { athletesReadModel } from './projections/athletes.ts';
import { ProfileReads } from './profile-reads.ts';
import { Queries } from './queries.ts';
import { AccountUpdates } from './update-accounts.ts';

export interface IdentityServiceOptions {
  eventstoreUrl: string;
  mongodbUrl: string;
  /** Port 0: a free one. */
  listen: { host: string; port: number };
  /** The holder's name for leases. */
  instance: string;
  /** JWKS as JSON. */
  verifyKeys: string;
  /** Private JWK as JSON: signs access tokens. */
  tokenKey: string;
  /** 32 bytes. */
  masterKey: Uint8Array;
  /** At least 32 bytes. */
  nameSecret: Uint8Array;
  /** How new users get their credentials. */
  mail?: MailOptions;
  firstUsers?: FirstUsers;
  logger: RpcLogger & ReadModelsLogger;
}

export interface RunningService {
  port: number;
  /** Rejects when what was asked for at the first start cannot be made. */
  ready: Promise<void>;
  stop(): Promise<void>;
}

/** @throws Error when a key is malformed or the address cannot be listened on */
export async function startIdentityService(options: IdentityServiceOptions): Promise<RunningService> {
  const { instance, logger, masterKey, nameSecret } = options;
  const verifier = TokenVerifier.fromJwks(options.verifyKeys);
  const signer = TokenSigner.fromPrivateJwk(options.tokenKey);
  const log = EventLog.connect({ url: options.eventstoreUrl });
  const mongo = connectMongo(options.mongodbUrl);
  const state = mongo.state('identity');

  const keyStore = new KeyStore(state, masterKey);
  const cachedKeys = cachedKeySource(keyStore);
  const codec = userEventCodec({
    get: (keyIds) => cachedKeys.get(keyIds),
    getOrCreate: (keyId) => keyStore.getOrCreate(keyId),
  });
  const models = { athletes: athletesReadModel(codec), accounts: accountsReadModel(codec) };
  const runner = new ProjectionRunner({
    context: 'identity',
    log,
    mongo,
    models: [models.athletes, models.accounts],
    instance,
    logger,
  });
  const queries = new Queries(runner, models);
  const commands = new UserCommands({
    log,
    codec,
    ids: new IdSequence(log, userSequence, { actor: 'service:identity' }),
    reservations: new NameReservations(log, nameSecret),
  });
  const findById = async (id: number) => {
    const { state: user } = await commands.load(id);
    return isUser(user) ? user : undefined;
  };
  const clients = new OAuthClients(state, nameSecret);
  const refreshTokens = new RefreshTokens(state);
  const codes = new AuthorizationCodes(state);
  const revocations = new Revocations(state);
  const audit = new ReadAudit(state);
  const inspection = new TokenInspection({
    clients,
    refreshTokens,
    revocations,
    verifier,
    findById,
    now: () => new Date(),
  });
  const findByUsername = async (username: string) => {
    const account = await queries.accountNamed(username);
    const user = account && (await findById(account._id));
    // He may have another name by now, which the read model has not heard of.
    return user?.account && fold(user.account.username) === fold(username) ? user : undefined;
  };
  const signingIn = {
    clients,
    codes,
    signIn: (username: string, password: string) => signIn(username, password, findByUsername),
    now: () => new Date(),
  };
  const authorization = new Authorization(signingIn);
  const tokens = new TokenIssuer({ ...signingIn, refreshTokens, revocations, signer, findById });
  const mails = new CredentialsMails(createMailer(options.mail ?? {}, logger), logger);
  const creation = new AccountCreation(commands, mails);
  const updates = new AccountUpdates(commands, queries);
  const erasure = new Erasure(keyStore, refreshTokens, revocations, audit);
  const deletions = new AccountDeletions(commands, queries, erasure);
  const passwords = new PasswordChanges(commands, refreshTokens, codes);

  let isReady = false;
  const server = await serve({
    host: options.listen.host,
    port: options.listen.port,
    services: [
      identityHandlers({
        commands,
        creation,
        updates,
        deletions,
        passwords,
        queries,
        authorization,
        tokens,
        inspection,
        revocations,
        reads: new ProfileReads(audit),
        athleteExport: new AthleteExport({ log, codec, refreshTokens, audit }),
        keys: keyStore,
      }),
      readModelsService(runner),
    ],
    verifier,
    health: () => isReady,
    logger,
  });
  runner.start();
  const stopping = new AbortController();
  const erasing = followEvents({
    log,
    state,
    name: 'erasure',
    types: deletionTypes,
    handle: (event) => erasure.handle(event),
    signal: stopping.signal,
    logger,
  });
  const firstUsers = options.firstUsers ?? { admin: undefined, client: undefined };
  const ready = Promise.all([
    runner.ready,
    bootstrap(firstUsers, {
      commands,
      clients,
      refreshTokens,
      codes,
      visible: (written, signal) => runner.waitFor(written, signal),
      logger,
      signal: stopping.signal,
    }),
  ]).then(() => {
    isReady = true;
  });
  // Whoever starts the service may wait for it later, or never.
  ready.catch(() => undefined);
  return {
    port: server.port,
    ready,
    async stop() {
      isReady = false;
      stopping.abort();
      await server.close();
      await erasing;
      await mails.stop();
      await runner.stop();
      await log.close();
      await mongo.close();
    },
  };
}
