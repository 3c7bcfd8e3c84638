/** Why nothing of a service is captured, until it is known that it is Node.js. */
export const ONLY_WATCHED = { why: 'only-watched', runtime: null, code: null } as const;
