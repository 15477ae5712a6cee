/**
 * Ms from now that a header `Retry-After` asks to wait (RFC 9110 section 10.2.3: whole seconds or an HTTP date),
 * undefined when there is none or it says nothing.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // All three forms of an HTTP date begin with a day's name and are in GMT; the third does not say so.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return undefined;
  const atMs = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
