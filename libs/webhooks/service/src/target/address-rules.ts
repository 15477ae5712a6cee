import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Public by their range, and yet a machine's own services answer there (Azure's). */
const INTERNAL_SERVICES = new Set(['168.63.129.16']);

type Address = ReturnType<typeof ipaddr.process>;

/** Which addresses may be connected to: public ones, and the ranges that the operator allows. */
export class AddressRules {
  readonly #allowed = new BlockList();

  /** @param allowed ranges such as `10.0.0.0/8` or `fd00::/8`. @throws TypeError for something else */
  constructor(allowed: readonly string[] = []) {
    for (const range of allowed) {
      const [network, bits] = ipaddr.parseCIDR(range);
      this.#allowed.addSubnet(network.toString(), bits, network.kind());
    }
  }

  /** @param text an address as the operating system writes it; anything else is refused */
  allows(text: string): boolean {
    const bare = text.replace(/%.*$/, '');
    if (isIP(bare) === 0) return false;
    // An IPv4 address in the clothes of IPv6 is judged as what is connected to.
    const address = ipaddr.process(bare);
    return this.#allowed.check(address.toString(), address.kind()) || isPublic(address);
  }
}

function isPublic(address: Address): boolean {
  // Of IPv6 only the global unicast block counts; tunnels and translations inside it have ranges of their own.
  if (address.kind() === 'ipv6' && !address.match(ipaddr.parse('2000::'), 3)) return false;
  return address.range() === 'unicast' && !INTERNAL_SERVICES.has(address.toString());
}
