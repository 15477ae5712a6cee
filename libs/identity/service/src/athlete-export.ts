import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { ExportAthleteResponseSchema } from '@touchline/contracts/identity/v1/service';
import type { EventCodec, StoredEvent, StreamLog } from '@touchline/event-log';
import { type UserEvent, userStream } from '@touchline/identity-domain';
import type { ReadAudit } from '@touchline/read-models';
import type { RefreshTokens } from './oauth/refresh-tokens.ts';
import { athleteSubject } from './profile-reads.ts';

export interface AthleteExportDependencies {
  readonly log: Pick<StreamLog, 'read'>;
  readonly codec: Pick<EventCodec<UserEvent>, 'decode'>;
  readonly refreshTokens: Pick<RefreshTokens, 'of'>;
  readonly audit: Pick<ReadAudit, 'of'>;
}

type Item = MessageInitShape<typeof ExportAthleteResponseSchema>;

/** What is stored about an athlete here beside his account: how it came to be, his sign-ins, and who read it. */
export class AthleteExport {
  readonly #deps: AthleteExportDependencies;

  constructor(deps: AthleteExportDependencies) {
    this.#deps = deps;
  }

  /** @throws EventLogError, MongoError, and what the codec throws */
  async *of(athlete: number): AsyncGenerator<Item, void, void> {
    const { log, codec, refreshTokens, audit } = this.#deps;
    for await (const stored of log.read(userStream(athlete))) {
      const event = await codec.decode(stored);
      if (event !== undefined) yield { item: { case: 'change', value: changeOf(event, stored) } };
    }
    for await (const { client, scope, expiresAt, revoked } of refreshTokens.of(athlete)) {
      const session = { clientId: client, scope, expiresAt: timestampFromDate(expiresAt), revoked };
      yield { item: { case: 'session', value: session } };
    }
    for await (const { reader, at, what } of audit.of([athleteSubject(athlete)])) {
      yield { item: { case: 'read', value: { reader, at: timestampFromDate(at), what } } };
    }
  }
}

/** Nothing of credentials: they are nobody's to read. */
function changeOf(event: UserEvent, { createdMs }: StoredEvent) {
  return {
    at: timestampFromMs(createdMs),
    event: event.type,
    ...('account' in event && event.account ? { account: event.account } : {}),
    ...('profile' in event && event.profile ? { profile: event.profile } : {}),
  };
}
