import { createHash } from 'node:crypto';
import type { Reply } from '@touchline/http';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 10vh auto; padding: 0 1rem; color: #1b1b1b; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
label { margin-top: 1rem; }
input, button { padding: 0.5rem; margin-top: 0.25rem; }
button { margin-top: 1rem; cursor: pointer; }
[role='alert'] { color: #a00000; }
`;
const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Nothing is loaded, nobody may frame the page, and its form leads nowhere but here and, by the redirect that follows,
 * to the client.
 */
function headers(formTargets: readonly string[]) {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${formTargets.join(' ') || "'none'"}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    Pragma: 'no-cache',
  };
}

export const pageMediaType = 'text/html; charset=utf-8';

function page(status: number, content: string, formTargets: readonly string[] = []): Reply {
  const text = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Sign in to Touchline</title>
    <link rel="icon" href="data:,">
    <style>${style}</style>
  </head>
  <body>
    <main>
      <h1>Touchline</h1>
${content}
    </main>
  </body>
</html>
`;
  return { status, body: { kind: 'text', text, mediaType: pageMediaType }, headers: headers(formTargets) };
}

/** Says to the user himself why he is not sent back. */
export function refusalPage(status: number, reason: string): Reply {
  return page(status, `      <p role="alert">${escaped(reason)}</p>`);
}

export interface SignInForm {
  /** The name of the client in the request. */
  client: string;
  redirectUri: string;
  /** Of the authorization request: sent along with the form. */
  parameters: Readonly<Record<string, string>>;
  username?: string;
  /** Why the form is shown again. */
  problem?: string;
}

/** Asks the user to sign in, and thereby to let the client act for him. */
export function signInPage(status: number, form: SignInForm): Reply {
  const { client, redirectUri, parameters, username = '', problem } = form;
  const hidden = Object.entries(parameters).map(
    ([name, value]) => `        <input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const content = `${problem === undefined ? '' : `      <p role="alert">${escaped(problem)}</p>\n`}      <p><strong>${escaped(client)}</strong> asks to act for you: to read and to change all that you can.</p>
      <p>You will be sent back to ${escaped(originOf(redirectUri))}.</p>
      <form method="post">
${hidden.join('\n')}
        <label for="username">Username</label>
        <input id="username" name="username" value="${escaped(username)}" autocomplete="username" required>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required>
        <button name="decision" value="allow">Sign in and allow</button>
        <button name="decision" value="deny" formnovalidate>Deny</button>
      </form>`;
  return page(status, content, ["'self'", originOf(redirectUri)]);
}

/** As a source of a Content-Security-Policy; an app's scheme has no origin. */
function originOf(uri: string): string {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
