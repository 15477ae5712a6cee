import { describe, expect, it } from 'vitest';
import { AddressRules } from './address-rules.ts';
import { AddressRefused, NameUnresolved, resolveAllowed } from './resolve.ts';
import { savedUrlProblem, urlProblem } from './webhook-url.ts';

const publicOnly = new AddressRules();

describe('the rules of addresses', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('allow %s', (address) => {
    expect(publicOnly.allows(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.8.8.8',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:169.254.169.254',
    '64:ff9b::7f00:1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('refuse %s', (address) => {
    expect(publicOnly.allows(address)).toBe(false);
  });

  it('allow the ranges that the operator names, and no other', () => {
    const rules = new AddressRules(['127.0.0.0/8', 'fd00::/8']);
    expect(rules.allows('127.0.0.1')).toBe(true);
    expect(rules.allows('::ffff:127.0.0.1')).toBe(true);
    expect(rules.allows('fd00::7')).toBe(true);
    expect(rules.allows('10.0.0.1')).toBe(false);
    expect(rules.allows('::1')).toBe(false);
    expect(rules.allows('93.184.216.34')).toBe(true);
  });
});

describe('a name', () => {
  const resolving = (...addresses: string[]) =>
    resolveAllowed('hook.example.com', publicOnly, () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    );

  it('gives its public addresses', async () => {
    expect(await resolving('93.184.216.34', '2606:4700::1111')).toHaveLength(2);
  });

  it('is refused when one of its addresses is not public', async () => {
    await expect(resolving('93.184.216.34', '10.0.0.1')).rejects.toThrow(AddressRefused);
  });

  it('that leads nowhere says so', async () => {
    await expect(resolving()).rejects.toThrow(NameUnresolved);
  });
});

describe('a URL', () => {
  it.each(['https://example.com', 'http://example.com:8080/a?b=c', 'HTTPS://bücher.example/ä'])(
    'such as %s is fine',
    (text) => {
      expect(urlProblem(text)).toBeUndefined();
    },
  );

  it.each([
    ['', 'This field may not be blank.'],
    ['example.com', 'Enter a valid URL.'],
    ['http:example.com', 'Enter a valid URL.'],
    ['http://exa mple.com/', 'Enter a valid URL.'],
    ['http://exam\nple.com/', 'Enter a valid URL.'],
    ['http://', 'Enter a valid URL.'],
    ['ftp://example.com/', 'Only http and https URLs are called.'],
    ['file:///etc/passwd', 'Only http and https URLs are called.'],
    ['javascript:alert(1)', 'Only http and https URLs are called.'],
    ['http://example.com:6379/', 'Port 6379 belongs to another protocol and is not called.'],
    ['http://example.com:0/', 'Port 0 belongs to another protocol and is not called.'],
    [`http://example.com/${'x'.repeat(182)}`, 'Ensure this field has no more than 200 characters.'],
  ])('such as %j is refused', (text, problem) => {
    expect(urlProblem(text)).toBe(problem);
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0.0.0.0:8080/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1./',
    'http://①②⑦.0.0.1/',
  ])('such as %s is refused for its address', async (text) => {
    const neverAsked = () => Promise.reject(new Error('asked'));
    expect(await savedUrlProblem(text, publicOnly, neverAsked)).toBe(
      'The URL must lead to a public address.',
    );
  });

  it('whose name leads to a private address is refused, and saved while it leads nowhere', async () => {
    const leadingTo = (address: string) => () => Promise.resolve([{ address, family: 4 }]);
    const text = 'http://hook.example.com/';
    expect(await savedUrlProblem(text, publicOnly, leadingTo('192.168.0.7'))).toBe(
      'The URL must lead to a public address.',
    );
    expect(await savedUrlProblem(text, publicOnly, leadingTo('93.184.216.34'))).toBeUndefined();
    expect(
      await savedUrlProblem(text, publicOnly, () => Promise.reject(new Error('ENOTFOUND'))),
    ).toBeUndefined();
  });
});
