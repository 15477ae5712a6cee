import { describe, expect, it } from 'vitest';
import type { JsonObject, KeyLookup, StoredEvent } from '@touchline/event-log';
import type { UserEvent } from '@touchline/identity-domain';
import { userEventCodec } from './event-codec.ts';

const key = new Uint8Array(32).map((_byte, i) => i);
const codec = codecWith({ state: 'present', key });

function codecWith(lookup: KeyLookup) {
  return userEventCodec({
    get: async (ids) => new Map(ids.map((id) => [id, lookup])),
    getOrCreate: async () => key,
  });
}

function stored(type: string, data: JsonObject, stream = 'user-12'): StoredEvent {
  const metadata = { correlation_id: 'r', actor: 'user:12', at: '2024-01-01T00:00:00.000Z' };
  const id = '6b7f0a3e-5f0c-5d2a-9d58-5a1d2f5d8b11';
  return { id, stream, revision: 0, position: '0/0', type, data, metadata, createdMs: 0 };
}

const account = { username: 'jon.doe@example.com', email: 'jon.doe@example.com', externalId: '0123456789' };
const credentials = { passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2g' };
const fullProfile = {
  firstName: 'Usain',
  lastName: 'Bolt',
  externalId: 'x',
  gender: 'M',
  weightKg: 94,
  heightM: 1.95,
  birthDate: '1986-08-21',
  nationality: 'Switzerland',
  profilePicture: new Uint8Array([0xff, 0xd8, 0xff]),
} as const;

/** As they lie in logs, sealed under the key above: they never change. */
const golden: { what: string; event: UserEvent; type: string; data: JsonObject }[] = [
  {
    what: 'an admin',
    event: { type: 'AdminCreated', userId: 12, account: { username: 'root', email: '' }, credentials },
    type: 'identity.v1.AdminCreated',
    data: {
      userId: 12,
      account: {
        keyId: 'user-12',
        nonce: 'ddrWn6pkjBX9ioza',
        ciphertext: '0sRDDHLabQRsLhODjgJgg4NqfyBfFw==',
      },
      credentials: {
        keyId: 'user-12',
        nonce: '3Js9J7vvMu+RkfYo',
        ciphertext:
          'lg+nwJL2CauymdOaMf/IiKzHuZ7WPLd+xpZsqHXt7pQOTutm3inqXi6UUQD9uOgv4A37kNHJsthQD6msM15MOJQqg2YGkuiQRhoYwycWjCt6soQ=',
      },
    },
  },
  {
    what: 'a manager',
    event: {
      type: 'ManagerCreated',
      userId: 12,
      account,
      profile: { firstName: 'Ada', lastName: 'King', company: 'ACME', phoneNumber: '+41 44 000 00 00' },
      credentials,
    },
    type: 'identity.v1.ManagerCreated',
    data: {
      userId: 12,
      account: {
        keyId: 'user-12',
        nonce: 'OK0o5ITol687ajSP',
        ciphertext:
          'KF6IeQjGqSeKRECkdfkjF3ehNoO7n/Ja2dwgzYF5GazpUeh3+Hg5/044KgVUDFB73HOiQeM1j5+cZVXeI2nq2aIDck8KJA==',
      },
      profile: {
        keyId: 'user-12',
        nonce: '+JZiQqfJptgPl6dr',
        ciphertext: 'hn2oJmIJ/wviQQydHfwYd28lQh4TuCQa5z3+Bu6yPmCG2q6kfvU0aVfloSJpNSrX9kI9',
      },
      credentials: {
        keyId: 'user-12',
        nonce: 'EWRkeAgcCe943pUe',
        ciphertext:
          'gwsSd87G7E76nLAr1oZYaJwKx2lIz2wkXfYs9pFXCCQ00m94VzGeCBc8J02e7k9Me3oINmpEwwHOlEwkaOo0D1+CwiUJa3QfZ4jEGRiNTNAHjrw=',
      },
    },
  },
  {
    what: 'an athlete with all there is',
    event: {
      type: 'AthleteCreated',
      userId: 12,
      managedBy: undefined,
      account,
      profile: fullProfile,
      credentials,
    },
    type: 'identity.v1.AthleteCreated',
    data: {
      userId: 12,
      account: {
        keyId: 'user-12',
        nonce: 'zjWkGKJn6KJ6KMNJ',
        ciphertext:
          'kW1aqwqKmW24UjF4cJ9sUegXIEAH5NLjVPOXiIzBZBgLWLaf8Jzlgq8Vr8CukP5O2i27bcjYcc0RJvCXPC1Gqpa0iDbbnQ==',
      },
      profile: {
        keyId: 'user-12',
        nonce: 'kQmxCdLufzUryx6j',
        ciphertext:
          '6VWLdZQlEZgvehXdDjLKXF77xhCgteBkEYqX9nyjGuLT1PMv76h+2yOrk4L5Q7dHoMPojyMyGKYF2h9YqI90TgJl99epwa3MzdTRgUqqYUIYJ6g=',
      },
      credentials: {
        keyId: 'user-12',
        nonce: 'bgVvisP1PLAVM/wN',
        ciphertext:
          'AGgCw2I1RLzuOq3xV03INhp9GjXc/cD1WNB6q0YHMZ+qGQ+YTDxBvM5ynCqrc+GzOm5POVf1nXAtsLPfHFPja9xeqUMqWskB1ADbMelrPAZYdNE=',
      },
    },
  },
  {
    what: 'a managed athlete with the least there is',
    event: {
      type: 'AthleteCreated',
      userId: 12,
      managedBy: 7,
      account: { username: 'MANAGED-1', email: '' },
      profile: { firstName: 'Usain', lastName: 'Bolt' },
      credentials: undefined,
    },
    type: 'identity.v1.AthleteCreated',
    data: {
      userId: 12,
      managedBy: 7,
      account: {
        keyId: 'user-12',
        nonce: 'Pd6/Xv3kUrpAHlan',
        ciphertext: 'LkYE/K5WambJDkw66rRiW5480J6mfjPz1cbE',
      },
      profile: {
        keyId: 'user-12',
        nonce: 'dbOWhASW3RkaUPmk',
        ciphertext: 'B3i/1sGLYPSnZbJ5sJZK6xqgc0BEFXp4isXBma8=',
      },
    },
  },
  {
    what: 'extra permissions',
    event: { type: 'ExtraPermissionsSet', userId: 12, extraPermissions: ['can_create_managed_athletes'] },
    type: 'identity.v1.ExtraPermissionsSet',
    data: { userId: 12, extraPermissions: ['can_create_managed_athletes'] },
  },
  {
    what: 'a changed account',
    event: { type: 'AccountChanged', userId: 12, account },
    type: 'identity.v1.AccountChanged',
    data: {
      userId: 12,
      account: {
        keyId: 'user-12',
        nonce: '35NJIp7K1ef/gwfv',
        ciphertext:
          '19lGFBir+LJcEZq/iltqa8N9QGf7ABNf3maSKNBD2hhAm3n8lMqTxkmYfvXBf5GKmArZGrSivLUnC8tFJm8Xg/L88I0J8Q==',
      },
    },
  },
  {
    what: 'a changed profile of an athlete',
    event: { type: 'AthleteProfileChanged', userId: 12, profile: fullProfile },
    type: 'identity.v1.AthleteProfileChanged',
    data: {
      userId: 12,
      profile: {
        keyId: 'user-12',
        nonce: 'XVmdYGxX3ugUKYNV',
        ciphertext:
          'MhLHkTUWw+5mzhAdqTajagqQpUYPPI/umwhHmbPQB2Exl3TY+/BJO0xqnXz4f3WCs3ntLoHcpOAuh0hw3+lQnTAeatkzE4maRc07GLztjv/H9Zc=',
      },
    },
  },
  {
    what: 'a changed profile of a manager',
    event: {
      type: 'ManagerProfileChanged',
      userId: 12,
      profile: { firstName: 'Ada', lastName: 'King', company: 'ACME', phoneNumber: '+41 44 000 00 00' },
    },
    type: 'identity.v1.ManagerProfileChanged',
    data: {
      userId: 12,
      profile: {
        keyId: 'user-12',
        nonce: 'VHTNvy2kvU0aDX5R',
        ciphertext: 'f6h1suP+UqWgS/oSInsoyjqFG3Z6i6zFS7neCNPflBn5LCMeGtSnCmE/jmAwE+mk0YoW',
      },
    },
  },
  {
    what: 'a changed password',
    event: { type: 'PasswordChanged', userId: 12, credentials },
    type: 'identity.v1.PasswordChanged',
    data: {
      userId: 12,
      credentials: {
        keyId: 'user-12',
        nonce: 'vrYLj4WnXkRLsC6f',
        ciphertext:
          '4JZcTc0jK+tOQJv7xAC8bGjfA/VDEor+4l+9x92lN68DtWBXzmYs3x43sbvGmM0e8JMic9YJIKFYdY2CejfPT77iXoMSZlQwSycp2J4+XlCVhLo=',
      },
    },
  },
  {
    what: 'a deleted athlete',
    event: { type: 'AthleteDeleted', userId: 12 },
    type: 'identity.v1.AthleteDeleted',
    data: { userId: 12 },
  },
  {
    what: 'a deleted manager',
    event: { type: 'ManagerDeleted', userId: 12 },
    type: 'identity.v1.ManagerDeleted',
    data: { userId: 12 },
  },
];

describe.each(golden)('$what', ({ event, type, data }) => {
  it('is read as it always was', async () => {
    expect(await codec.decode(stored(type, data))).toEqual(event);
  });

  it('is read with fields that a later version added', async () => {
    expect(await codec.decode(stored(type, { ...data, addedLater: 1 }))).toEqual(event);
  });

  it('is written with the same fields, and nothing personal in clear', async () => {
    const encoded = await codec.encode(event, 'user-12');
    expect(encoded.type).toBe(type);
    const json = encoded.data as JsonObject;
    expect(Object.keys(json)).toEqual(Object.keys(data));
    for (const [field, value] of Object.entries(data)) {
      if (typeof value === 'object' && value !== null && 'ciphertext' in value) {
        expect(json[field]).toMatchObject({ keyId: 'user-12' });
        expect(JSON.stringify(json[field])).toHaveLength(JSON.stringify(value).length);
      } else {
        expect(json[field]).toEqual(value);
      }
    }
    expect(await codec.decode(stored(encoded.type, json))).toEqual(event);
  });
});

describe('a person whose key is destroyed', () => {
  it('is read without what was sealed', async () => {
    const { type, data } = golden[3]!;
    expect(await codecWith({ state: 'destroyed' }).decode(stored(type, data))).toEqual({
      type: 'AthleteCreated',
      userId: 12,
      managedBy: 7,
      account: undefined,
      profile: undefined,
      credentials: undefined,
    });
  });
});

describe('sealed fields', () => {
  it('moved to another stream do not open', async () => {
    const { type, data } = golden[0]!;
    await expect(codec.decode(stored(type, data, 'user-13'))).rejects.toThrow('cannot be opened');
  });

  it('of the largest profile stay well under what one append may hold', async () => {
    const long = 'ß'.repeat(255);
    const encoded = await codec.encode(
      {
        type: 'AthleteCreated',
        userId: 12,
        managedBy: undefined,
        account: { username: long, email: long, externalId: long },
        profile: { ...fullProfile, nationality: long, profilePicture: new Uint8Array(256 * 1024) },
        credentials,
      },
      'user-12',
    );
    expect(Buffer.byteLength(JSON.stringify(encoded.data))).toBeLessThan(500_000);
  });
});

describe('an event of a later version', () => {
  it('says nothing', async () => {
    expect(await codec.decode(stored('identity.v1.AddedLater', {}))).toBeUndefined();
  });
});
