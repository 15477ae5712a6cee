import type {
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { CallContext } from './call-context.ts';

type Eventual<Value> = Value | Promise<Value>;

/** One function a method, named as in the proto (lower camel case). A thrown `RpcError` is the answer. */
export type Handlers<Service extends DescService> = {
  [Name in keyof Service['method']]: Service['method'][Name] extends DescMethodUnary<infer In, infer Out>
    ? (request: MessageShape<In>, context: CallContext) => Eventual<MessageInitShape<Out>>
    : Service['method'][Name] extends DescMethodServerStreaming<infer In, infer Out>
      ? (request: MessageShape<In>, context: CallContext) => AsyncIterable<MessageInitShape<Out>>
      : Service['method'][Name] extends DescMethodClientStreaming<infer In, infer Out>
        ? (requests: AsyncIterable<MessageShape<In>>, context: CallContext) => Eventual<MessageInitShape<Out>>
        : Service['method'][Name] extends DescMethodBiDiStreaming<infer In, infer Out>
          ? (
              requests: AsyncIterable<MessageShape<In>>,
              context: CallContext,
            ) => AsyncIterable<MessageInitShape<Out>>
          : never;
};

/** A service with its handlers, to be served. */
export interface Implementation {
  readonly service: DescService;
  // The handlers' types were checked against the service by `implement`; here they are looked up by name.
  readonly handlers: Readonly<Record<string, (...args: never[]) => unknown>>;
}

export function implement<Service extends DescService>(
  service: Service,
  handlers: Handlers<Service>,
): Implementation {
  return { service, handlers: handlers as unknown as Implementation['handlers'] };
}
