import { type Html, html } from '../../formats/html.ts';

/** Crashmon's own sign: a line that drops and is caught. */
export function mark(): Html {
  return html`<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="M2 9h5l3 9 3.5-13 2.5 7h6"/></svg>`;
}

const PATHS = {
  watching: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  armed: 'M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M8 1v3.5M8 11.5V15M1 8h3.5M11.5 8H15',
  'cooling-down': 'M4 1.5h8M4 14.5h8M4.5 1.5c0 4 7 5 7 13M11.5 1.5c0 4-7 5-7 13',
  silent: 'M2 3.5h12v7.5H7l-3 2.5V11H2ZM5.5 7.200h.01M8 7.200h.01M10.5 7.200h.01',
  stopped: 'M3.5 3.5h9v9h-9z',
  external: 'M6.5 3H3v10h10V9.500M9 3h4v4M13 3 7 9',
  folded: 'M2 4h12M4 8h8M6 12h4',
  disabled: 'M8 1.800a6.200 6.200 0 1 0 0 12.400A6.200 6.200 0 0 0 8 1.800M3.700 3.700l8.600 8.600',
  crash: 'M1 6h3.5l2 6 2.200-9 1.800 4.5H15',
  good: 'm2.5 8.5 3.5 3.5 7.5-8',
  worse: 'M2 12 6.5 7l2.5 2.5L14 4M10 4h4v4',
  deploy: 'M8 14V4M4 8l4-4.5L12 8',
} as const;

/** Decoration only: the word stands beside it. */
export function icon(name: keyof typeof PATHS): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="${PATHS[name]}"/></svg>`;
}
