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
  'grpc.enable_http_proxy': 0,
} satisfies ChannelOptions;
