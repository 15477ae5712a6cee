import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { type Sealed } from '@touchline/contracts/common/v1/common';
import {
  AdminCreatedSchema,
  AthleteCreatedSchema,
  ExtraPermissionsSetSchema,
  ManagerCreatedSchema,
} from '@touchline/contracts/identity/v1/events';
import {
  AccountDataSchema,
  AthleteProfileSchema,
  CredentialsSchema,
  ManagerProfileSchema,
} from '@touchline/contracts/identity/v1/personal';
import {
  decodeMessage,
  type EncodedPayload,
  encodePayload,
  type EventCodec,
  type KeySource,
  open,
  requireKeys,
  seal,
  type StoredEvent,
} from '@touchline/event-log';
import { isExtraPermission, type UserEvent } from '@touchline/identity-domain';
import { accountOf, athleteProfileOf, managerProfileOf } from './personal-messages.ts';

/** Keys of persons: one a person, made before anything is sealed under it. */
export interface PersonKeys extends KeySource {
  /** Durable when it resolves. */
  getOrCreate(keyId: string): Promise<Uint8Array>;
}

export const userEventTypes = [
  AdminCreatedSchema.typeName,
  ManagerCreatedSchema.typeName,
  AthleteCreatedSchema.typeName,
  ExtraPermissionsSetSchema.typeName,
] as const;

/** Ids are never used twice, so the stream's name names the person's key. */
function keyIdOf(stream: string): string {
  return stream;
}

export function userEventCodec(keys: PersonKeys): EventCodec<UserEvent> {
  return {
    encode: (event, stream) => encode(event, stream, keys),
    decode: (stored) => decode(stored, keys),
  };
}

async function encode(event: UserEvent, stream: string, keys: PersonKeys): Promise<EncodedPayload> {
  if (event.type === 'ExtraPermissionsSet') {
    const { userId, extraPermissions } = event;
    return encodePayload(ExtraPermissionsSetSchema, { userId, extraPermissions: [...extraPermissions] });
  }
  const keyId = keyIdOf(stream);
  const key = await keys.getOrCreate(keyId);
  const sealed = <D extends DescMessage>(schema: D, value: MessageInitShape<D> | undefined) =>
    value && seal(key, keyId, toBinary(schema, create(schema, value)), stream);
  const { userId } = event;
  const account = sealed(AccountDataSchema, event.account);
  const credentials = sealed(CredentialsSchema, event.credentials);
  switch (event.type) {
    case 'AdminCreated':
      return encodePayload(AdminCreatedSchema, { userId, account, credentials });
    case 'ManagerCreated': {
      const profile = sealed(ManagerProfileSchema, event.profile);
      return encodePayload(ManagerCreatedSchema, { userId, account, profile, credentials });
    }
    case 'AthleteCreated': {
      const profile = sealed(AthleteProfileSchema, event.profile);
      const { managedBy } = event;
      return encodePayload(AthleteCreatedSchema, { userId, managedBy, account, profile, credentials });
    }
    default:
      return event satisfies never;
  }
}

/** Undefined for events of later versions, which say nothing to this one. */
async function decode(stored: StoredEvent, keys: KeySource): Promise<UserEvent | undefined> {
  switch (stored.type) {
    case AdminCreatedSchema.typeName: {
      const message = decodeMessage(AdminCreatedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'AdminCreated',
        userId: message.userId,
        account: opened(AccountDataSchema, message.account, accountOf),
        credentials: opened(CredentialsSchema, message.credentials, credentialsOf),
      };
    }
    case ManagerCreatedSchema.typeName: {
      const message = decodeMessage(ManagerCreatedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'ManagerCreated',
        userId: message.userId,
        account: opened(AccountDataSchema, message.account, accountOf),
        profile: opened(ManagerProfileSchema, message.profile, managerProfileOf),
        credentials: opened(CredentialsSchema, message.credentials, credentialsOf),
      };
    }
    case AthleteCreatedSchema.typeName: {
      const message = decodeMessage(AthleteCreatedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'AthleteCreated',
        userId: message.userId,
        managedBy: message.managedBy,
        account: opened(AccountDataSchema, message.account, accountOf),
        profile: opened(AthleteProfileSchema, message.profile, athleteProfileOf),
        credentials: opened(CredentialsSchema, message.credentials, credentialsOf),
      };
    }
    case ExtraPermissionsSetSchema.typeName: {
      const { userId, extraPermissions } = decodeMessage(ExtraPermissionsSetSchema, stored);
      return {
        type: 'ExtraPermissionsSet',
        userId,
        extraPermissions: extraPermissions.filter(isExtraPermission),
      };
    }
    default:
      return undefined;
  }
}

function credentialsOf({ passwordHash }: MessageShape<typeof CredentialsSchema>): { passwordHash: string } {
  return { passwordHash };
}

/** Opens what is sealed in the stream; yields undefined for what is absent or whose key is destroyed. */
async function opener(stream: string, keys: KeySource) {
  const keyId = keyIdOf(stream);
  const key = (await requireKeys(keys, [keyId])).get(keyId);
  return <D extends DescMessage, T>(
    schema: D,
    sealed: Sealed | undefined,
    read: (message: MessageShape<D>) => T,
  ): T | undefined => (sealed && key ? read(fromBinary(schema, open(key, sealed, stream))) : undefined);
}
