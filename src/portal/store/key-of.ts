/** A key of several parts. JSON, so that different parts never give the same key. */
export const keyOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);
