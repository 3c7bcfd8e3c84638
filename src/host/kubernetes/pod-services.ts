import type { Service } from '../source.ts';
import type { Pod, PodContainer } from './pod.ts';

/**
 * Names for the containers of pods. A pod is replaced often, and its name with it; so those of one owner on this node are
 * numbered, and the number of one that is gone goes to the next: its history and its captures continue.
 */
export class PodServices {
  /** By pod and container. */
  readonly #known = new Map<string, Service>();

  of(pod: Pod, container: PodContainer): Service {
    const key = keyOf(pod, container);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const service = this.#make(pod, container);
    this.#known.set(key, service);
    return service;
  }

  /** @returns null if it had none */
  release(pod: Pod, container: PodContainer): Service | null {
    const key = keyOf(pod, container);
    const known = this.#known.get(key) ?? null;
    this.#known.delete(key);
    return known;
  }

  #make(pod: Pod, container: PodContainer): Service {
    const { namespace, owner, containers, deployment, name, uid, node } = pod;
    const app = [
      ...(namespace === 'default' ? [] : [namespace]),
      owner,
      ...(containers.length > 1 && container.name !== owner ? [container.name] : []),
    ].join('-');
    const taken = new Set([...this.#known.values()].map(({ id }) => id));
    const base = `kubernetes:${namespace}/${owner}/${container.name}`;
    const idOf = (replica: number) => (replica === 1 ? base : `${base}:${replica}`);
    let replica = 1;
    while (taken.has(idOf(replica))) replica++;
    return {
      ...{ id: idOf(replica), source: 'kubernetes', name: app },
      replica: replica === 1 ? null : String(replica),
      attributes: {
        'container.image.name': container.image,
        'k8s.namespace.name': namespace,
        'k8s.pod.name': name,
        'k8s.pod.uid': uid,
        'k8s.container.name': container.name,
        'k8s.node.name': node,
        ...(deployment === null ? {} : { 'k8s.deployment.name': deployment }),
      },
    };
  }
}

function keyOf({ uid }: Pod, { name }: PodContainer): string {
  return `${uid}/${name}`;
}
