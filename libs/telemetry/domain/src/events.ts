// These events are stored for ever: fields may be added, none may change its meaning.

/** Events of `device-<id>`. Times are milliseconds since the Unix epoch, hashes SHA-256 in hexadecimal. */
export type DeviceEvent =
  | {
      readonly type: 'DeviceRegistered';
      readonly deviceId: number;
      readonly serialNumber: string;
      readonly customName?: string;
      readonly ingestTokenHash: string;
    }
  | { readonly type: 'DeviceRenamed'; readonly deviceId: number; readonly customName: string }
  | { readonly type: 'IngestTokenRotated'; readonly deviceId: number; readonly ingestTokenHash: string }
  | {
      readonly type: 'OwnershipTaken';
      readonly deviceId: number;
      readonly ownershipId: number;
      readonly manager: number;
      readonly startMs: number;
    }
  | {
      readonly type: 'OwnershipReleased';
      readonly deviceId: number;
      readonly ownershipId: number;
      readonly manager: number;
      readonly endMs: number;
    };
