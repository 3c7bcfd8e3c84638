import { type PublicWorkload, WORKLOAD_KEYS, type WorkloadKey } from '../model/workload.ts';

/** A unit of systemd (systemd.unit(5)). */
const UNIT = /^[\w:.@\\-]{1,255}$/;
/** Of Kubernetes: a subdomain of DNS, in lower case. */
const DNS = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const WORD = /^[a-z][a-z0-9-]{0,31}$/;

const ALLOWED: Readonly<Record<WorkloadKey, RegExp>> = {
  'crashmon.source': WORD,
  'systemd.unit': UNIT,
  'pm2.exec_mode': /^(?:fork|cluster)$/,
  'container.id': /^[0-9a-f]{12,64}$/,
  'container.name': /^[\w.-]{1,128}$/,
  'container.image.name': /^[\w][\w./:-]{0,199}$/,
  'container.runtime': WORD,
  'k8s.namespace.name': DNS,
  'k8s.deployment.name': DNS,
  'k8s.pod.name': DNS,
  'k8s.pod.uid': /^[\w-]{1,64}$/,
  'k8s.container.name': DNS,
  'k8s.node.name': DNS,
};

/**
 * The one place where a PublicWorkload is made, on both sides: from an allow-list of names that the operator of the host
 * gave, each checked. What is not well-formed is left out.
 */
export function publishWorkload(attributes: ReadonlyMap<string, unknown>): PublicWorkload {
  const entries = WORKLOAD_KEYS.flatMap((key) => {
    const value = attributes.get(key);
    if (typeof value !== 'string') return [];
    const text = key === 'container.image.name' ? publicImage(value) : value;
    return ALLOWED[key].test(text) ? [[key, text]] : [];
  });
  return Object.fromEntries(entries) as PublicWorkload;
}

/** Without the registry's host, which is a name of the network, and without a digest: `team/shop:1.2`. */
function publicImage(name: string): string {
  const bare = name.replace(/@[\w+.-]+:[0-9a-f]+$/i, '');
  const slash = bare.indexOf('/');
  const first = bare.slice(0, Math.max(0, slash));
  return first === 'localhost' || /[.:]/.test(first) ? bare.slice(slash + 1) : bare;
}
