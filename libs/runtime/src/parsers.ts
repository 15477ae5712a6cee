import { isIP } from 'node:net';

/** Reads a setting's text: undefined when it is not what it `expects`. */
export interface Parser<Value> {
  /** Completes "expected …". */
  expects: string;
  parse(text: string): Value | undefined;
}

export const text: Parser<string> = { expects: 'a text', parse: (value) => value };

export function url(...protocols: readonly `${string}:`[]): Parser<string> {
  const schemes = protocols.map((protocol) => `${protocol}//…`).join(' or ');
  return {
    expects: `a URL ${schemes}`,
    parse(value) {
      // Lists of hosts, which both engines' URLs may hold, are no WHATWG URLs.
      const protocol = protocols.find((candidate) => value.startsWith(`${candidate}//`));
      return protocol !== undefined && value.length > protocol.length + 2 ? value : undefined;
    },
  };
}

export interface Address {
  host: string;
  port: number;
}

/** `host:port`; an IPv6 host in brackets. */
export const address: Parser<Address> = {
  expects: 'host:port, such as 127.0.0.1:7101',
  parse(value) {
    const [, host = '', digits = ''] = /^([^:\s]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})$/.exec(value) ?? [];
    const parsed = port.parse(digits);
    return host === '' || parsed === undefined ? undefined : { host, port: parsed };
  },
};

/** `host:port`, or several with commas: then IP addresses of one family, since a list has no names in gRPC. */
export const peerAddress: Parser<string> = {
  expects:
    'host:port, such as 127.0.0.1:7101, or addresses of several instances, such as 10.0.0.1:7101,10.0.0.2:7101',
  parse(value) {
    const peers = value.split(',').map((text) => address.parse(text));
    const families = new Set(peers.map((peer) => isIP(peer?.host.replace(/^\[|\]$/g, '') ?? '')));
    const isList = families.size === 1 && !families.has(0);
    return peers.every((peer) => peer) && (peers.length === 1 || isList) ? value : undefined;
  },
};

export function wholeNumber(min: number, max: number): Parser<number> {
  return {
    expects: `a whole number from ${min} to ${max}`,
    parse(value) {
      const number = /^-?[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** 0: any free one. */
export const port: Parser<number> = { ...wholeNumber(0, 65_535), expects: 'a port from 0 to 65535' };

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Parser<Choice> {
  return {
    expects: choices.join(', '),
    parse: (value) => choices.find((choice) => choice === value),
  };
}

/** base64 of `minBytes` bytes, up to `maxBytes`. */
export function base64(minBytes: number, maxBytes: number): Parser<Uint8Array> {
  return {
    expects: minBytes === maxBytes ? `base64 of ${minBytes} bytes` : `base64 of at least ${minBytes} bytes`,
    parse(value) {
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined;
      const bytes = new Uint8Array(Buffer.from(value, 'base64'));
      return bytes.length >= minBytes && bytes.length <= maxBytes ? bytes : undefined;
    },
  };
}

/** A JSON object, kept as its text: whoever uses it knows its members. */
export const jsonObject: Parser<string> = {
  expects: 'a JSON object',
  parse(value) {
    try {
      const parsed: unknown = JSON.parse(value);
      return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? value : undefined;
    } catch {
      return undefined;
    }
  },
};

/** Ranges of addresses, separated by commas. */
export const addressRanges: Parser<readonly string[]> = {
  expects: 'ranges of addresses, such as 10.0.0.0/8,fd00::/8',
  parse(value) {
    const ranges = value.split(',').map((range) => range.trim());
    return ranges.every(isRange) ? ranges : undefined;
  },
};

function isRange(text: string): boolean {
  const [, network = '', digits = ''] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const family = isIP(network);
  return family !== 0 && Number(digits) <= (family === 4 ? 32 : 128);
}
