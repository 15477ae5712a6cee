import { isIPv4 } from 'node:net';
import type { ChannelOptions } from '@grpc/grpc-js';
import { maxMessageBytes } from './method-definition.ts';

const messageSize = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
} satisfies ChannelOptions;

export const serverOptions = { ...messageSize } satisfies ChannelOptions;

export const clientChannelOptions = {
  ...messageSize,
  // A peer comes back on its port within seconds; the default would wait up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.service_config_disable_resolution': 1,
  // Instances take turns, whether a list or the addresses of one name tells them; those that are away are left out.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.enable_http_proxy': 0,
} satisfies ChannelOptions;

/**
 * As gRPC names what to connect to.
 *
 * @param address host:port, or several of IP addresses, with commas
 */
export function channelTarget(address: string): string {
  if (!address.includes(',')) return address;
  const host = address.slice(0, address.search(/:[0-9]+,/));
  return `${isIPv4(host) ? 'ipv4' : 'ipv6'}:${address}`;
}
