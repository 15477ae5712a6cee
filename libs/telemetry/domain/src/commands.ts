interface Envelope {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly by: { readonly userId: number; readonly isAdmin: boolean };
}

export type DeviceCommand = Envelope &
  (
    | {
        readonly type: 'RegisterDevice';
        readonly deviceId: number;
        readonly serialNumber: string;
        readonly customName?: string;
        readonly ingestTokenHash: string;
      }
    | { readonly type: 'RenameDevice'; readonly customName: string }
    | { readonly type: 'RotateIngestToken'; readonly ingestTokenHash: string }
    | {
        readonly type: 'TakeOwnership';
        readonly ownershipId: number;
        readonly manager: number;
        /** Default: `at`. */
        readonly startMs?: number;
      }
    | {
        readonly type: 'ReleaseOwnership';
        /** Default: `at`. */
        readonly endMs?: number;
      }
  );
