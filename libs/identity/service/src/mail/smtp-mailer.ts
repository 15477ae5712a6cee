import type { Mailer } from './mailer.ts';

/** @param url with user and password where the server wants them */
export function smtpMailer(url: string, from: string): Mailer {
  // Loaded with the first mail: most processes send none for long.
  let transport: Promise<{ sendMail(mail: object): Promise<unknown>; close(): void }> | undefined;
  return {
    async send(mail) {
      transport ??= import('nodemailer').then(({ createTransport }) => createTransport(url, { from }));
      await (await transport).sendMail(mail);
    },
    close() {
      transport?.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}
