import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mailer } from './mailer.ts';

/** Each mail becomes a file that only its owner may read, named by its time. */
export function directoryMailer(directory: string, from: string): Mailer {
  return {
    async send({ to, subject, text }) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const at = new Date().toISOString();
      const name = `${at.replaceAll(/[:.]/g, '-')}-${randomUUID()}.txt`;
      const mail = [`Date: ${at}`, `From: ${from}`, `To: ${to}`, `Subject: ${subject}`, '', text, ''].join(
        '\n',
      );
      await writeFile(join(directory, name), mail, { mode: 0o600, flag: 'wx' });
    },
    close() {},
  };
}
