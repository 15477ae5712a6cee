/** Exit statuses, where sysexits.h has one by its number. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** EX_SOFTWARE: an error that nothing caught. */
  uncaught: 70,
  /** EX_CONFIG */
  config: 78,
} as const;
