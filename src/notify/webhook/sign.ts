import { createHmac } from 'node:crypto';

/**
 * The value of `X-Crashmon-Signature`: `t=<Unix time in seconds>,v1=<hex>` with HMAC-SHA256 over `<t>.<body>`. Who
 * receives it makes the same of the body as it came, compares in constant time, and refuses what is older than minutes.
 */
export function signature(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
