import type { ApiScope } from '../../store/access/access-store.ts';

/** What each scope reads. */
export const API_SCOPES = {
  'crashes:read': 'apps with their summaries, timelines, signatures, crashes and reports',
  'fleet:read': 'instances and their states',
  'metrics:read': 'the metrics of the portal itself, at /metrics',
} as const satisfies Readonly<Record<ApiScope, string>>;

export const API_SCOPE_NAMES = Object.keys(API_SCOPES) as ApiScope[];
