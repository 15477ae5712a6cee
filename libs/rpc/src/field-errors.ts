import { type FieldMessages, RpcError } from './rpc-error.ts';

/**
 * Collects what is wrong with a command's fields, starting from what the caller (the gateway) found already. A field
 * that came wrong is left out of the message, so nothing more is said about it: `add` on such a field is ignored, but
 * for `non_field_errors`, which add up.
 */
export class FieldErrors {
  readonly #fromCaller: ReadonlySet<string>;
  readonly #messages = new Map<string, string[]>();

  constructor(context: { readonly fieldErrors: FieldMessages }) {
    for (const [field, messages] of Object.entries(context.fieldErrors))
      this.#messages.set(field, [...messages]);
    this.#fromCaller = new Set([...this.#messages.keys()].filter((field) => field !== 'non_field_errors'));
  }

  /** Whether the field has an error. */
  has(field: string): boolean {
    return this.#messages.has(field);
  }

  get isEmpty(): boolean {
    return this.#messages.size === 0;
  }

  add(field: string, message: string): void {
    if (this.#fromCaller.has(field)) return;
    const messages = this.#messages.get(field);
    if (messages) messages.push(message);
    else this.#messages.set(field, [message]);
  }

  /** @throws RpcError `invalid` with all fields' messages, when there are any. */
  throwIfAny(detail = 'The request is invalid.', code?: string): void {
    if (this.isEmpty) return;
    const fields = Object.fromEntries(this.#messages);
    throw new RpcError('invalid', detail, code === undefined ? { fields } : { fields, code });
  }
}
