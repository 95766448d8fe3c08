import assert from 'node:assert/strict';
import { test } from 'node:test';

import { html } from './html.ts';

test('what is put in is text, in a text and in an attribute', () => {
  const text = `<b>"Tom" & 'Jerry'</b>`;
  const escaped = '&lt;b&gt;&#34;Tom&#34; &amp; &#39;Jerry&#39;&lt;/b&gt;';
  assert.equal(html`<p title="${text}">${text}</p>`.text, `<p title="${escaped}">${escaped}</p>`);
});

test('markup stays markup, alone and in lists, and nothing is nothing', () => {
  const items = [1, 2].map((number) => html`<b>${number}</b>`);
  assert.equal(html`<p>${items}${html`<i>3</i>`}${undefined}</p>`.text, '<p><b>1</b><b>2</b><i>3</i></p>');
});
