import { RpcError } from '@touchline/rpc';
import type { Rejection } from '@touchline/telemetry-domain';

/**
 * What a command on a device may be refused for: by the domain, by its policy, for a serial number in use, or for a
 * revision that is no longer the last one.
 */
export type DeviceRejection =
  | Rejection
  | { readonly code: 'forbidden' }
  | { readonly code: 'serial_taken' }
  | { readonly code: 'revision_passed' };

/** The only mapping from what is refused to what callers are told. */
export function rejectionStatus(rejection: DeviceRejection): RpcError {
  const { code } = rejection;
  switch (code) {
    case 'device_missing':
      return notFound();
    case 'forbidden':
    case 'not_the_owner':
      return forbidden();
    case 'revision_passed':
      return new RpcError('precondition', 'The resource has changed since that revision.', { code });
    case 'device_exists':
      return new RpcError('conflict', 'The id is taken by another device.', { code });
    case 'serial_taken':
      return invalid(code, 'serial_number', 'A device with this serial number already exists.');
    case 'already_owned':
      return invalid(
        code,
        'non_field_errors',
        'This device has an owner at or after that time: he must release it first.',
      );
    case 'start_in_past':
      return invalid(
        code,
        'start_time',
        'An ownership may begin earlier than now only on a device that nobody has owned yet or that you owned last.',
      );
    case 'nobody_owns':
      return invalid(code, 'non_field_errors', 'Nobody owns this device.');
    case 'end_in_future':
      return invalid(code, 'end_time', 'An ownership may end now or earlier, not in the future.');
    case 'end_before_start':
      return invalid(
        code,
        'end_time',
        `An ownership may not end before it begins, which is at ${new Date(rejection.startMs).toISOString()}.`,
      );
    default:
      return code satisfies never;
  }
}

export const forbidden = (): RpcError =>
  new RpcError('forbidden', 'You do not have permission to perform this action.');

export const notFound = (): RpcError => new RpcError('not_found', 'Not found');

export const invalidToken = (): RpcError =>
  new RpcError('unauthenticated', 'Invalid token.', { code: 'token_invalid' });

function invalid(code: string, field: string, message: string): RpcError {
  return new RpcError('invalid', 'The request is invalid.', { code, fields: { [field]: [message] } });
}
