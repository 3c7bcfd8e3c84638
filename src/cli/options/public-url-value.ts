import { InvalidArgumentError } from 'commander';

/** The URL by which browsers and instances reach the portal. */
export function publicUrlValue(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
  if (!isOrigin) throw new InvalidArgumentError('Give scheme and host, such as https://crashes.example.org');
  return url.origin;
}
