/** A user with a browser that keeps cookies, follows nothing by itself, and says where its forms come from. */
export class Person {
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  #cookies = new Map<string, string>();
  #csrf = '';

  constructor(origin: string, headers: Readonly<Record<string, string>> = {}) {
    this.#origin = origin;
    this.#headers = headers;
  }

  /** As it is sent. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get csrf(): string {
    return this.#csrf;
  }

  async get(path: string): Promise<Answer> {
    return this.#ask(path, { method: 'GET' });
  }

  /** With the token of the page that was looked at last. */
  async post(
    path: string,
    form: Readonly<Record<string, string>> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.#ask(path, {
      method: 'POST',
      body: new URLSearchParams({ csrf: this.#csrf, ...form }),
      headers: { origin: this.#origin, ...headers },
    });
  }

  /** Without a token, and without saying where it comes from, by default. */
  async send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const body = method === 'GET' ? {} : { body: new URLSearchParams() };
    return this.#ask(path, { method, headers, ...body });
  }

  /** A cookie that an attacker planted. */
  plant(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async #ask(path: string, init: RequestInit): Promise<Answer> {
    const { href } = new URL(path, this.#origin);
    const headers = new Headers({ accept: 'text/html', ...this.#headers });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    if (this.cookie !== '') headers.set('cookie', this.cookie);
    const response = await fetch(href, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    this.#csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? this.#csrf;
    return { status: response.status, headers: response.headers, text };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

export type Answer = { status: number; headers: Headers; text: string };
