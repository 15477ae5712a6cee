import type { DescService } from '@bufbuild/protobuf';
import { type CallContext, type Handlers, implement, type Implementation, RpcError } from '@touchline/rpc';

/** What the services were asked, in their order. */
export const calls: { method: string; request: unknown; context: CallContext }[] = [];

/** Asked by the gateway of itself, again and again. */
const ownQuestion = 'listRevocations';

export const asked = (method: string) => calls.filter((call) => call.method === method);

/** A service of which only some methods answer. */
export function partly<S extends DescService>(service: S, handlers: Partial<Handlers<S>>): Implementation {
  const all = service.methods.map(({ localName }) => {
    const handler = handlers[localName as keyof Handlers<S>] as unknown as
      ((request: unknown, context: CallContext) => unknown) | undefined;
    const recorded = (request: unknown, context: CallContext) => {
      if (localName !== ownQuestion) calls.push({ method: localName, request, context });
      if (!handler) throw new RpcError('unimplemented', 'Not part of this test.');
      return handler(request, context);
    };
    return [localName, recorded] as const;
  });
  return implement(service, Object.fromEntries(all) as unknown as Handlers<S>);
}
