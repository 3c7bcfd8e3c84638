import { createHmac } from 'node:crypto';

/**
 * The value of `X-Crashmon-Signature`: `t=<Unix time in seconds>,v1=<hex>` with HMAC-SHA256 over `<t>.<body>`. The
 * receiver computes it over the raw body, compares in constant time, and rejects values older than a few minutes.
 */
export function signature(secret: string, body: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}
