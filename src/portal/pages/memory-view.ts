import { megabytes } from '../../explain/heap-words.ts';
import { MEMORY_HEADING, memorySection } from '../../explain/memory-words.ts';
import { type Html, html } from '../../formats/html.ts';
import type { MemoryBeforeEnd } from '../../model/memory.ts';
import { unbroken } from './unbroken.ts';

/** Where the memory was before it ran out; null if that is not known. */
export function memoryView(memory: MemoryBeforeEnd | undefined): Html | null {
  if (memory === undefined) return null;
  const { facts, tables, advice } = memorySection(memory);
  return html`<section class="card memory"><h3>${MEMORY_HEADING}</h3>
<dl class="facts">${facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
${tables.map(
  ({ heading, parts }) => html`<div class="table-wrap"><table>
<thead><tr><th scope="col">${heading}</th><th scope="col" class="number">Memory</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${parts.map(
    ({ label, bytes, percent }) =>
      html`<tr><td>${label}</td><td class="number">${megabytes(bytes)}</td><td class="number">${percent} %</td></tr>
`,
  )}</tbody></table></div>
`,
)}
${advice.length > 0 && html`<ul>${advice.map((text) => html`<li>${unbroken(text)}</li>`)}</ul>`}</section>
`;
}
