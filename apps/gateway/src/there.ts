/** @throws Error when a service left out a part that its answers always have */
export function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('An answer of a service lacks its resource.');
  return part;
}
