/**
 * HISTORY: the fields of schema 3 in a report of schema 1 or 2, which had the version of Node.js, and captures only.
 * Reports of schema 3 stay as they are.
 */
export function withRuntime(report: Record<string, unknown>): Record<string, unknown> {
  const { nodeVersion, ...rest } = report;
  if (nodeVersion === undefined || rest.runtime !== undefined) return rest;
  const version = typeof nodeVersion === 'string' ? nodeVersion.replace(/^v/, '') : nodeVersion;
  return { ...rest, runtime: version === null ? null : { name: 'node', version }, source: 'capture' };
}
