import { expect, it } from 'vitest';
import { checkedRedirectUris } from './redirect-uris.ts';

it.each([
  'https://club.example/back?of=app',
  'http://localhost:3000/back',
  'http://127.0.0.1/back',
  'http://[::1]:8080/',
  'com.example.club:/back',
])('takes %s', (uri) => {
  expect(checkedRedirectUris([uri])).toEqual([uri]);
});

it.each([
  ['/back', /no absolute URI/],
  ['https://club.example/#back', /fragment/],
  ['http://club.example/back', /use https/],
  ['http://localhost.club.example/back', /use https/],
  ['javascript:alert(1)', /scheme javascript:/],
  ['DATA:text/html,x', /scheme data:/],
])('refuses %s', (uri, why) => {
  expect(() => checkedRedirectUris(['https://club.example/back', uri])).toThrow(why);
});
