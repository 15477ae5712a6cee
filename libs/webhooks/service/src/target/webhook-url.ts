import type { AddressRules } from './address-rules.ts';
import { AddressRefused, type Lookup, resolveAllowed } from './resolve.ts';

const MAX_LENGTH = 200;
const RESOLVE_WITHIN_MS = 3_000;

/** Ports of other protocols, which a request could be made to speak: the bad ports of the Fetch standard. */
const BAD_PORTS: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211,
]);

/** What is wrong with the text of a URL, whatever its host leads to. */
export function urlProblem(text: string): string | undefined {
  if (text.trim() === '') return 'This field may not be blank.';
  if ([...text].length > MAX_LENGTH) {
    return `Ensure this field has no more than ${MAX_LENGTH} characters.`;
  }
  // The parser passes over spaces and line breaks, and takes `http:host` for a URL with a host.
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return 'Enter a valid URL.';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'Only http and https URLs are called.';
  if (!/^https?:\/\//i.test(text)) return 'Enter a valid URL.';
  if (url.port !== '' && (BAD_PORTS.has(Number(url.port)) || Number(url.port) === 0)) {
    return `Port ${url.port} belongs to another protocol and is not called.`;
  }
  return undefined;
}

/** What is wrong with a URL when it is saved. A name that does not resolve then is accepted. */
export async function savedUrlProblem(
  text: string,
  rules: AddressRules,
  lookup?: Lookup,
): Promise<string | undefined> {
  const problem = urlProblem(text);
  if (problem !== undefined) return problem;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, RESOLVE_WITHIN_MS, undefined);
  });
  const refused = resolveAllowed(new URL(text).hostname, rules, lookup).then(
    () => undefined,
    (error: unknown) =>
      error instanceof AddressRefused ? 'The URL must lead to a public address.' : undefined,
  );
  try {
    return await Promise.race([refused, late]);
  } finally {
    clearTimeout(timer);
  }
}
