const METADATA_PREFIX = '$$';

export const metadataStreamOf = (stream: string): string => METADATA_PREFIX + stream;
export const isMetadataStream = (stream: string): boolean => stream.startsWith(METADATA_PREFIX);
/** The stream that a metadata stream speaks of. */
export const describedStreamOf = (metadataStream: string): string =>
  metadataStream.slice(METADATA_PREFIX.length);
