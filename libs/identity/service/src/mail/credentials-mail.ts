import { pause } from '@touchline/event-log';
import type { RpcLogger } from '@touchline/rpc';
import type { Mail, Mailer } from './mailer.ts';

export interface NewCredentials {
  email: string;
  username: string;
  /** Only one that was made here: one that its owner chose is his secret. */
  generatedPassword: string | undefined;
}

const retryAfterMs = [1_000, 10_000, 60_000];

/** What a new user gets. */
export function credentialsMail({ email, username, generatedPassword }: NewCredentials): Mail {
  const password = generatedPassword ?? 'the one that you chose';
  return {
    to: email,
    subject: 'Your Touchline account',
    text: `Your account has been created.\n\nUsername: ${username}\nPassword: ${password}`,
  };
}

/** Sends mails behind the answers: nobody waits for a mail server. */
export class CredentialsMails {
  readonly #mailer: Mailer;
  readonly #logger: RpcLogger;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(mailer: Mailer, logger: RpcLogger) {
    this.#mailer = mailer;
    this.#logger = logger;
  }

  /** @param userId for the log */
  send(userId: number, credentials: NewCredentials): void {
    const sending = this.#send(userId, credentialsMail(credentials));
    this.#underWay.add(sending);
    void sending.finally(() => this.#underWay.delete(sending));
  }

  /** Tries what is under way no more than once again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
    this.#mailer.close();
  }

  async #send(userId: number, mail: Mail): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#mailer.send(mail);
      } catch (error) {
        const waitMs = retryAfterMs[attempt];
        if (waitMs === undefined || this.#stopping.signal.aborted) {
          this.#logger.error({ err: error, user_id: userId }, 'the mail to a new user was not sent');
          return;
        }
        this.#logger.warn({ err: error, user_id: userId }, 'the mail to a new user is sent again later');
        await pause(waitMs, this.#stopping.signal);
      }
    }
  }
}
