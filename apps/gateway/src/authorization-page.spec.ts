import { expect, it } from 'vitest';
import { refusalPage, signInPage } from './authorization-page.ts';

const hostile = `"><script>alert('x')</script>&`;
const textOf = ({ body }: ReturnType<typeof refusalPage>) => (body.kind === 'text' ? body.text : '');

it('shows what was sent as text, never as markup', () => {
  const form = {
    client: hostile,
    redirectUri: 'https://club.example/back',
    parameters: { state: hostile },
    username: hostile,
    problem: hostile,
  };
  for (const page of [signInPage(200, form), refusalPage(400, hostile)]) {
    expect(textOf(page)).not.toContain('<script');
    expect(textOf(page)).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
  }
});

it.each([
  ['https://club.example/back?x=1', 'https://club.example'],
  ['http://127.0.0.1:8080/back', 'http://127.0.0.1:8080'],
  ['com.example.club:/back', 'com.example.club:'],
])('lets the form for %s lead to itself and to %s only', (redirectUri, target) => {
  const { headers } = signInPage(200, { client: 'club', redirectUri, parameters: {} });
  expect(headers).toMatchObject({
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
  });
  const policy = headers?.['Content-Security-Policy'] ?? '';
  expect(policy).toContain(`form-action 'self' ${target};`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("default-src 'none'");
});
