import type { RpcLogger } from '@touchline/rpc';
import { directoryMailer } from './directory-mailer.ts';
import { smtpMailer } from './smtp-mailer.ts';

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Mailer {
  /** Resolves when somebody else has the mail. @throws Error */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export interface MailOptions {
  /** `smtp://…` or `smtps://…` */
  smtpUrl?: string | undefined;
  /** The sender's address. */
  from?: string | undefined;
  /** Where mails become files when there is no SMTP server. */
  directory?: string | undefined;
}

/** By SMTP, as files, or not at all, which is then said in the log. */
export function createMailer(
  { smtpUrl, from = 'touchline@localhost', directory }: MailOptions,
  logger: Pick<RpcLogger, 'warn'>,
): Mailer {
  if (smtpUrl !== undefined) return smtpMailer(smtpUrl, from);
  if (directory !== undefined) return directoryMailer(directory, from);
  return {
    async send({ subject }) {
      logger.warn(
        { subject },
        'a mail was not sent: neither TOUCHLINE_SMTP_URL nor TOUCHLINE_MAIL_DIR is set',
      );
    },
    close() {},
  };
}
