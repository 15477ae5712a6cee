import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSystem } from './testing/system.ts';

const system = new TestSystem();
beforeAll(() => system.start());
afterAll(() => system.stop());

const assets = ['', 'show.js', 'swagger-ui-bundle.js', 'swagger-ui.css'];

it('is a page without its slash, too', async () => {
  const response = await fetch(`http://127.0.0.1:${system.port}/doc`);
  expect([response.redirected, response.status]).toEqual([true, 200]);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

it('loads only what is served beside it, and asks only for the document of this host', async () => {
  const { text: page } = await system.send('GET', '/doc/');
  const loaded = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, value = '']) => value);
  expect(loaded).toEqual([
    'data:,',
    'swagger-ui.css',
    '../api/v1/openapi.json',
    ...assets.slice(2, 3),
    'show.js',
  ]);
  expect(page).not.toMatch(/\b(?:https?:)?\/\/|<style|\son\w+=|<script>/);
  const { text: script } = await system.send('GET', '/doc/show.js');
  expect(script).not.toMatch(/https?:/);
  expect(script).toContain('validatorUrl: null');
  const relative = /url: '([^']+)'/.exec(script)?.[1] ?? '';
  const { pathname } = new URL(relative, `http://127.0.0.1:${system.port}/doc/`);
  expect((await system.send('GET', pathname)).body).toHaveProperty('openapi', '3.1.0');
});

it('loads nothing of another host from its style', async () => {
  const { text } = await system.send('GET', '/doc/swagger-ui.css');
  const loaded = [...text.matchAll(/url\(\s*["']?([^"')]*)|@import/g)].map(([, url = '@import']) => url);
  expect(loaded.filter((url) => !url.startsWith('data:') && !url.startsWith('#'))).toEqual([]);
});

it.each(assets)('forbids the browser every other host: %s', async (name) => {
  const answer = await system.send('GET', `/doc/${name}`);
  expect(answer.status).toBe(200);
  expect(answer.text.length).toBeGreaterThan(100);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none';/);
  const sources = policy.split(';').flatMap((directive) => directive.trim().split(' ').slice(1));
  expect(new Set(sources)).toEqual(new Set(["'none'", "'self'", 'data:']));
});

it('is not sent again to those who have it', async () => {
  const etag = (await system.send('GET', '/doc/swagger-ui-bundle.js')).headers.get('etag') ?? '';
  const again = await system.send('GET', '/doc/swagger-ui-bundle.js', { headers: { 'if-none-match': etag } });
  expect([again.status, again.text]).toEqual([304, '']);
});
