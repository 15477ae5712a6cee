import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@touchline/rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsMail, CredentialsMails } from './credentials-mail.ts';
import { createMailer } from './mailer.ts';

const generated = { email: 'ada@example.com', username: 'ada', generatedPassword: 'x9-secret-x9' };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'touchline-mail-'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('the mail to a new user', () => {
  it('holds a password that was made for him, and none that he chose', () => {
    expect(credentialsMail(generated)).toMatchObject({ to: 'ada@example.com' });
    expect(credentialsMail(generated).text).toContain('Username: ada\nPassword: x9-secret-x9');
    const chosen = credentialsMail({ ...generated, generatedPassword: undefined });
    expect(chosen.text).toContain('Username: ada\nPassword: the one that you chose');
  });
});

describe('without a mail server', () => {
  it('mails become files that only their owner may read', async () => {
    const mails = new CredentialsMails(
      createMailer({ directory: join(directory, 'new'), from: 'club@example.com' }, silentLogger),
      silentLogger,
    );
    mails.send(1, generated);
    mails.send(2, { ...generated, email: 'bea@example.com' });
    await mails.stop();
    const names = await readdir(join(directory, 'new'));
    const texts = await Promise.all(names.map((name) => readFile(join(directory, 'new', name), 'utf8')));
    expect(texts.map((text) => /^To: (.*)$/m.exec(text)?.[1]).sort()).toEqual([
      'ada@example.com',
      'bea@example.com',
    ]);
    expect(texts[0]).toContain('From: club@example.com');
    expect(texts[0]).toContain('Password: x9-secret-x9');
    for (const name of names) expect((await stat(join(directory, 'new', name))).mode & 0o777).toBe(0o600);
  });

  it('and without a directory, the log says so and holds no password', async () => {
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (...line: unknown[]) => warnings.push(line) };
    const mails = new CredentialsMails(createMailer({}, logger), logger);
    mails.send(1, generated);
    await mails.stop();
    expect(JSON.stringify(warnings)).toContain('TOUCHLINE_SMTP_URL');
    expect(JSON.stringify(warnings)).not.toContain('x9-secret-x9');
    expect(JSON.stringify(warnings)).not.toContain('ada@example.com');
  });
});

describe('with a mail server', () => {
  let server: Server;
  const said: string[] = [];

  beforeEach(async () => {
    said.length = 0;
    // As much of SMTP as a client needs to give a mail away.
    server = createServer((socket) => {
      let inMail = false;
      socket.write('220 test\r\n');
      socket.on('data', (chunk) => {
        for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
          said.push(line);
          if (inMail) {
            if (line !== '.') continue;
            inMail = false;
            socket.write('250 taken\r\n');
          } else if (line === 'DATA') {
            inMail = true;
            socket.write('354 go on\r\n');
          } else if (line === 'QUIT') socket.end('221 bye\r\n');
          else socket.write('250 ok\r\n');
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('mails are handed to it', async () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no port.');
    const smtpUrl = `smtp://127.0.0.1:${address.port}`;
    const mails = new CredentialsMails(
      createMailer({ smtpUrl, from: 'club@example.com', directory }, silentLogger),
      silentLogger,
    );
    mails.send(1, generated);
    await mails.stop();
    expect(said).toContain('MAIL FROM:<club@example.com>');
    expect(said).toContain('RCPT TO:<ada@example.com>');
    expect(said).toContain('Password: x9-secret-x9');
    expect(await readdir(directory)).toEqual([]);
  });
});
