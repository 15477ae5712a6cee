import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

/** OWASP's second choice of argon2id parameters: 19 MiB, two passes, one lane. */
const parameters = { memoryKib: 19_456, passes: 2, lanes: 1, saltBytes: 16, hashBytes: 32 };

interface PhcHash {
  memoryKib: number;
  passes: number;
  lanes: number;
  salt: Buffer;
  hash: Buffer;
}

/** argon2id of the password in PHC string format; computed off the main thread. */
export async function hashPassword(password: string): Promise<string> {
  const { memoryKib, passes, lanes } = parameters;
  const salt = randomBytes(parameters.saltBytes);
  const hash = await derive(password, {
    memoryKib,
    passes,
    lanes,
    salt,
    hash: Buffer.alloc(parameters.hashBytes),
  });
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(hash)}`;
}

/**
 * Whether the password has the hash, compared in constant time.
 *
 * @throws Error when the text is no argon2id hash in PHC string format
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const stored = parsePhc(phc);
  return timingSafeEqual(await derive(password, stored), stored.hash);
}

let nobodysHash: Promise<string> | undefined;

/** Takes as long as verifying a user's password, so that an answer's time does not tell which users exist. */
export async function verifyNobodysPassword(password: string): Promise<false> {
  nobodysHash ??= hashPassword(randomBytes(32).toString('base64'));
  await verifyPassword(password, await nobodysHash);
  return false;
}

/** A password that nobody guesses: 144 random bits as 24 characters. */
export function generatePassword(): string {
  return randomBytes(18).toString('base64url');
}

function parsePhc(phc: string): PhcHash {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (!match) throw new Error('A stored password hash is not argon2id in PHC string format.');
  const [, memory, passes, lanes, salt = '', hash = ''] = match;
  return {
    memoryKib: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function derive(password: string, { memoryKib, passes, lanes, salt, hash }: PhcHash): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      {
        // Signs that look alike but are typed differently on two keyboards are the same password.
        message: password.normalize('NFKC'),
        nonce: salt,
        parallelism: lanes,
        tagLength: hash.length,
        memory: memoryKib,
        passes,
      },
      (error, derived) => (error ? reject(error) : resolve(derived)),
    );
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
