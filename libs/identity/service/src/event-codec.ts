import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { Sealed } from '@touchline/contracts/common/v1/common';
import {
  AccountChangedSchema,
  AdminCreatedSchema,
  AthleteCreatedSchema,
  AthleteDeletedSchema,
  AthleteProfileChangedSchema,
  ExtraPermissionsSetSchema,
  ManagerCreatedSchema,
  ManagerDeletedSchema,
  ManagerProfileChangedSchema,
  PasswordChangedSchema,
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
  AccountChangedSchema.typeName,
  AthleteProfileChangedSchema.typeName,
  ManagerProfileChangedSchema.typeName,
  PasswordChangedSchema.typeName,
  AthleteDeletedSchema.typeName,
  ManagerDeletedSchema.typeName,
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
  const { userId } = event;
  const sealed = async <D extends DescMessage>(schema: D, value: MessageInitShape<D> | undefined) => {
    if (value === undefined) return undefined;
    const keyId = keyIdOf(stream);
    const key = await keys.getOrCreate(keyId);
    return seal(key, keyId, toBinary(schema, create(schema, value)), stream);
  };
  switch (event.type) {
    case 'AdminCreated': {
      const account = await sealed(AccountDataSchema, event.account);
      const credentials = await sealed(CredentialsSchema, event.credentials);
      return encodePayload(AdminCreatedSchema, { userId, account, credentials });
    }
    case 'ManagerCreated': {
      const account = await sealed(AccountDataSchema, event.account);
      const profile = await sealed(ManagerProfileSchema, event.profile);
      const credentials = await sealed(CredentialsSchema, event.credentials);
      return encodePayload(ManagerCreatedSchema, { userId, account, profile, credentials });
    }
    case 'AthleteCreated': {
      const account = await sealed(AccountDataSchema, event.account);
      const profile = await sealed(AthleteProfileSchema, event.profile);
      const credentials = await sealed(CredentialsSchema, event.credentials);
      const { managedBy } = event;
      return encodePayload(AthleteCreatedSchema, { userId, managedBy, account, profile, credentials });
    }
    case 'ExtraPermissionsSet':
      return encodePayload(ExtraPermissionsSetSchema, {
        userId,
        extraPermissions: [...event.extraPermissions],
      });
    case 'AccountChanged': {
      const account = await sealed(AccountDataSchema, event.account);
      return encodePayload(AccountChangedSchema, { userId, account });
    }
    case 'AthleteProfileChanged': {
      const profile = await sealed(AthleteProfileSchema, event.profile);
      return encodePayload(AthleteProfileChangedSchema, { userId, profile });
    }
    case 'ManagerProfileChanged': {
      const profile = await sealed(ManagerProfileSchema, event.profile);
      return encodePayload(ManagerProfileChangedSchema, { userId, profile });
    }
    case 'PasswordChanged': {
      const credentials = await sealed(CredentialsSchema, event.credentials);
      return encodePayload(PasswordChangedSchema, { userId, credentials });
    }
    case 'AthleteDeleted':
      return encodePayload(AthleteDeletedSchema, { userId });
    case 'ManagerDeleted':
      return encodePayload(ManagerDeletedSchema, { userId });
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
    case AccountChangedSchema.typeName: {
      const { userId, account } = decodeMessage(AccountChangedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return { type: 'AccountChanged', userId, account: opened(AccountDataSchema, account, accountOf) };
    }
    case AthleteProfileChangedSchema.typeName: {
      const { userId, profile } = decodeMessage(AthleteProfileChangedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'AthleteProfileChanged',
        userId,
        profile: opened(AthleteProfileSchema, profile, athleteProfileOf),
      };
    }
    case ManagerProfileChangedSchema.typeName: {
      const { userId, profile } = decodeMessage(ManagerProfileChangedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'ManagerProfileChanged',
        userId,
        profile: opened(ManagerProfileSchema, profile, managerProfileOf),
      };
    }
    case PasswordChangedSchema.typeName: {
      const { userId, credentials } = decodeMessage(PasswordChangedSchema, stored);
      const opened = await opener(stored.stream, keys);
      return {
        type: 'PasswordChanged',
        userId,
        credentials: opened(CredentialsSchema, credentials, credentialsOf),
      };
    }
    case AthleteDeletedSchema.typeName:
      return { type: 'AthleteDeleted', userId: decodeMessage(AthleteDeletedSchema, stored).userId };
    case ManagerDeletedSchema.typeName:
      return { type: 'ManagerDeleted', userId: decodeMessage(ManagerDeletedSchema, stored).userId };
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
