import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressRules } from './address-rules.ts';

/** The name leads to an address that must not be connected to. The address itself is nobody's business. */
export class AddressRefused extends Error {
  constructor() {
    super('the address is not public');
    this.name = 'AddressRefused';
  }
}

/** The name leads nowhere at the moment. */
export class NameUnresolved extends Error {
  constructor(cause?: unknown) {
    super('the name does not resolve', { cause });
    this.name = 'NameUnresolved';
  }
}

export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

export const systemLookup: Lookup = (hostname) => lookup(hostname, { all: true });

/**
 * The addresses of a URL's host, each of them allowed.
 *
 * @param hostname as `URL` gives it: decimal, octal and hexadecimal hosts are addresses by then
 * @throws AddressRefused when one of them is not, NameUnresolved
 */
export async function resolveAllowed(
  hostname: string,
  rules: AddressRules,
  lookupAll: Lookup = systemLookup,
): Promise<readonly LookupAddress[]> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(bare);
  const addresses =
    family === 0
      ? await lookupAll(bare).catch((error: unknown) => {
          throw new NameUnresolved(error);
        })
      : [{ address: bare, family }];
  if (addresses.length === 0) throw new NameUnresolved();
  if (!addresses.every(({ address }) => rules.allows(address))) throw new AddressRefused();
  return addresses;
}
