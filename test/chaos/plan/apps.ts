import { type Random, randomFrom } from './random.ts';
import { type Language, WAYS, type Way } from './ways.ts';

/** An app of the run: one worker at a time, and one crashmon of its own or the agent of all those that are watched. */
export type AppPlan = {
  name: string;
  languages: readonly Language[];
  cooldownMs: number;
  armAfter: number;
  restart: 'on-crash' | 'always';
  /** `crashmon agent` watches what another supervisor starts, always again; else `crashmon run` starts its workers. */
  watched: boolean;
  /** Its crashmon itself sends notifications, besides the portal. */
  notifies: boolean;
  /** What the workers below its masters are; null if it has no masters. */
  below: Language | null;
  /** Crashmon and worker are in a memory cgroup. */
  limited: boolean;
};

export type Life = { way: Way; lifeMs: number };

const HOURS_8_MS = 8 * 3_600_000;
/** Longer than a worker lives; short enough that one app is captured often. */
const SHORT_MS = 15_000;
/** After these the plan of an app begins again. */
const LIVES = 500;

const app = (name: string, languages: readonly Language[], more: Partial<AppPlan> = {}): AppPlan => ({
  ...{
    name,
    languages,
    cooldownMs: HOURS_8_MS,
    armAfter: 3,
    restart: 'on-crash',
    limited: false,
    below: null,
    notifies: false,
    watched: false,
  },
  ...more,
});

const FEW: readonly AppPlan[] = [
  app('shop', ['node'], { restart: 'always', notifies: true }),
  app('tickets', ['node'], { armAfter: 0, cooldownMs: SHORT_MS, limited: true }),
  app('mixed', ['python', 'perl', 'c'], { cooldownMs: SHORT_MS, notifies: true }),
  app('native', ['c'], { armAfter: 1, restart: 'always' }),
  app('served', ['cluster'], { below: 'node', cooldownMs: SHORT_MS, restart: 'always' }),
  app('queue', ['node', 'python', 'perl'], { armAfter: 0, cooldownMs: SHORT_MS, watched: true }),
  app('hosted', ['gunicorn'], { below: 'wsgi', cooldownMs: SHORT_MS, watched: true }),
];
const MORE: readonly AppPlan[] = [
  app('scripts', ['ruby', 'python', 'perl'], { armAfter: 0, cooldownMs: SHORT_MS, restart: 'always' }),
  app('compiled', ['go', 'c', 'java', 'python'], { limited: true }),
  app('pool', ['gunicorn'], { below: 'wsgi', armAfter: 0, cooldownMs: SHORT_MS, restart: 'always' }),
  app('tasks', ['c', 'ruby', 'go', 'node'], { armAfter: 1, watched: true }),
  app('cluster', ['cluster'], { below: 'node', cooldownMs: SHORT_MS, watched: true }),
  app('anything', ['node', 'python', 'ruby', 'perl', 'c', 'go'], { cooldownMs: SHORT_MS, armAfter: 0 }),
];

/** @param whole all languages; the compilers of some take longer than the short run of the suite */
export function appsOf(whole: boolean): AppPlan[] {
  return whole ? [...FEW, ...MORE] : [...FEW];
}

/** How each worker of an app ends, one after the other. */
export function livesOf(seed: number, { name, languages, below, limited, watched }: AppPlan): Life[] {
  const random = randomFrom(seed, `lives of ${name}`);
  // A master has several workers, one after the other, and an agent finds a process within two seconds.
  const [shortestMs, longestMs] = below !== null ? [4_000, 20_000] : watched ? [500, 7_000] : [50, 2_500];
  return lives(random, languages, limited, () =>
    random.between(0, 10) === 0 ? 0 : random.between(shortestMs, longestMs),
  );
}

/** How each worker below the masters of an app ends. */
export function livesBelow(seed: number, { name, below, limited }: AppPlan): Life[] {
  const random = randomFrom(seed, `lives below ${name}`);
  return below === null ? [] : lives(random, [below], limited, () => random.between(0, 2_500));
}

function lives(
  random: Random,
  languages: readonly Language[],
  limited: boolean,
  lifeMs: () => number,
): Life[] {
  return Array.from({ length: LIVES }, () => {
    const language = random.oneOf(languages);
    const ways = WAYS.filter((way) => way.language === language && (limited || !way.needsLimit));
    return { way: random.oneOf(ways), lifeMs: lifeMs() };
  });
}
