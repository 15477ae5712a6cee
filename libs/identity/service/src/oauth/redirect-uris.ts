/** Schemes that a browser would carry out, or that lead nowhere. */
const refusedSchemes = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:']);
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The redirect URIs of a client: https, http to the own machine, or the scheme of an app (RFC 8252).
 * @throws Error that names the one that cannot be used, and why
 */
export function checkedRedirectUris(uris: readonly string[]): readonly string[] {
  for (const uri of uris) {
    const problem = problemOf(uri);
    if (problem !== undefined) throw new Error(`The redirect URI ${uri} ${problem}.`);
  }
  return uris;
}

function problemOf(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (!url) return 'is no absolute URI';
  if (uri.includes('#')) return 'has a fragment';
  if (refusedSchemes.has(url.protocol)) return `has the scheme ${url.protocol}`;
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) return 'is sent in clear: use https';
  return undefined;
}
