import type { IdentityService } from '@touchline/contracts/identity/v1/service';
import type { Client, VerifiedToken } from '@touchline/rpc';

interface RevokedTokensOptions {
  identity: Pick<Client<typeof IdentityService>, 'listRevocations'>;
  everyMs?: number;
  logger: { warn(fields: object, message: string): void };
}

/** Access tokens that identity takes back before they expire, as it was asked a moment ago. */
export class RevokedTokens {
  readonly #options: RevokedTokensOptions;
  readonly #timer: NodeJS.Timeout;
  #tokenIds: ReadonlySet<string> = new Set();
  #users: ReadonlySet<number> = new Set();
  #isUnknown = false;

  constructor(options: RevokedTokensOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.refresh(), options.everyMs ?? 1_000);
    this.#timer.unref();
    void this.refresh();
  }

  has({ jti, caller }: VerifiedToken): boolean {
    return this.#tokenIds.has(jti) || (caller.kind === 'user' && this.#users.has(caller.id));
  }

  /** Never fails: what was known stays. */
  async refresh(): Promise<void> {
    try {
      const { message } = await this.#options.identity.listRevocations({});
      this.#tokenIds = new Set(message.tokenIds);
      this.#users = new Set(message.users);
      this.#isUnknown = false;
    } catch (error) {
      if (!this.#isUnknown)
        this.#options.logger.warn({ err: error }, 'which tokens are revoked is not known now');
      this.#isUnknown = true;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
