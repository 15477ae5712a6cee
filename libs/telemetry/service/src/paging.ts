interface Limits {
  readonly usual: number;
  readonly max: number;
}

export const listLimits: Limits = { usual: 150, max: 3000 };
export const rowLimits: Limits = { usual: 10_000, max: 25_000 };

/** What was asked for as it is answered: page 1 and the usual limit when left out, never more than the most. */
export function pageOf(
  asked: { readonly page: number; readonly limit: number } | undefined,
  { usual, max }: Limits,
): { page: number; limit: number; from: number; to: number } {
  const page = asked?.page || 1;
  const limit = Math.min(asked?.limit || usual, max);
  return { page, limit, from: (page - 1) * limit, to: page * limit };
}
