export type SystemdUnit = { name: string; manager: 'system' | 'user' };

/**
 * The service that a process belongs to, from `/proc/<pid>/cgroup`: systemd names a service's cgroup after it, in its own
 * hierarchy (version 2, or `name=systemd`). null if there is none.
 */
export function parseSystemdUnit(text: string): SystemdUnit | null {
  for (const line of text.split('\n')) {
    const path = /^(?:0:|\d+:name=systemd):(\/.*)$/.exec(line)?.[1];
    if (path === undefined) continue;
    const services = path.split('/').filter((name) => /^[\w:.\\@-]{1,250}\.service$/.test(name));
    const [first, second] = services;
    if (first === undefined) continue;
    // The manager of a user is a service itself, and its services are below it.
    if (!/^user@\d+\.service$/.test(first)) return { name: first, manager: 'system' };
    return second === undefined ? null : { name: second, manager: 'user' };
  }
  return null;
}
