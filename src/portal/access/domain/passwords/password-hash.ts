import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** Cost of one hash, as it stands in it: what is stored with an older cost can still be verified. */
type Cost = { memoryKib: number; passes: number; parallelism: number };

/** The least that OWASP's cheat sheet on password storage asks for with argon2id. */
export const CURRENT_COST: Cost = { memoryKib: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const VERSION = 19;
/** Bounds what a manipulated hash in the database can cost. */
const MOST: Cost = { memoryKib: 1_048_576, passes: 64, parallelism: 16 };

const derive = promisify(argon2);

/** For an account without a password yet; no password has this hash. */
export const NO_PASSWORD = '!';

/** In the format of PHC strings: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await argon2id(password, salt, CURRENT_COST, HASH_BYTES);
  return formatHash({ cost: CURRENT_COST, salt, hash });
}

/** Costs as much as any other where the hash is none that we know; is false then. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = parseHash(stored);
  const { cost, salt, hash } = parsed ?? decoy();
  const given = await argon2id(password, salt, cost, hash.length);
  return timingSafeEqual(given, hash) && parsed !== null;
}

/** Was it made with a lower cost than new ones are? */
export function isOutdated(stored: string): boolean {
  const cost = parseHash(stored)?.cost;
  return (
    cost !== undefined &&
    (Object.keys(CURRENT_COST) as (keyof Cost)[]).some((key) => cost[key] < CURRENT_COST[key])
  );
}

type Parsed = { cost: Cost; salt: Buffer; hash: Buffer };

function formatHash({ cost: { memoryKib, passes, parallelism }, salt, hash }: Parsed): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=${VERSION}$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;
}

const FORMAT =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** null for anything else, and for costs beyond all reason. */
function parseHash(stored: string): Parsed | null {
  const [, memory, passes, parallelism, salt = '', hash = ''] = FORMAT.exec(stored) ?? [];
  const cost = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const isFit = (Object.keys(MOST) as (keyof Cost)[]).every(
    (key) => cost[key] >= 1 && cost[key] <= MOST[key],
  );
  if (!isFit || cost.memoryKib < 8 * cost.parallelism) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function decoy(): Parsed {
  return { cost: CURRENT_COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
}

/** Typed on any keyboard, the same characters are the same password. */
function argon2id(password: string, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
  return derive('argon2id', {
    message: password.normalize('NFKC'),
    nonce: salt,
    tagLength: length,
    memory: cost.memoryKib,
    passes: cost.passes,
    parallelism: cost.parallelism,
  });
}
