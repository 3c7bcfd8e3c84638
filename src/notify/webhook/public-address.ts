import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Special-purpose address blocks (RFC 6890 and updates) without public hosts. */
const NOT_PUBLIC_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, where clouds have their metadata.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure: the host's own agent, although the address looks public.
  ['168.63.129.16', 32],
];

/** Inside 2000::/3, the public part of IPv6. */
const NOT_PUBLIC_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4: a relay forwards it to an IPv4 address.
  ['2002::', 16],
  ['3fff::', 20],
];

/** May a message go to this address, if it may go to public ones only? False for what is no IP address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !lists().v4.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  const embedded = embeddedV4(address);
  if (embedded !== null) return isPublicAddress(embedded);
  const { global, v6 } = lists();
  return global.check(address, 'ipv6') && !v6.check(address, 'ipv6');
}

/** The IPv4 address that an IPv6 address stands for where a network translates (RFC 6052); null if it is none. */
function embeddedV4(address: string): string | null {
  const groups = groupsOf(address);
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const isNat64 = a === 0x64 && b === 0xff9b && !c && !d && !e && !f;
  return isNat64 ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : null;
}

/** The eight groups; the URL parser writes every spelling of an address in the same way. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const numbers = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const missing = 8 - numbers(head).length - numbers(tail).length;
  return [...numbers(head), ...new Array<number>(missing).fill(0), ...numbers(tail)];
}

function lists(): { v4: BlockList; v6: BlockList; global: BlockList } {
  const v4 = new BlockList();
  for (const [net, prefix] of NOT_PUBLIC_V4) v4.addSubnet(net, prefix, 'ipv4');
  const v6 = new BlockList();
  for (const [net, prefix] of NOT_PUBLIC_V6) v6.addSubnet(net, prefix, 'ipv6');
  const global = new BlockList();
  global.addSubnet('2000::', 3, 'ipv6');
  return { v4, v6, global };
}
