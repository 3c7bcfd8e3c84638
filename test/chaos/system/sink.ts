import { MailServer } from '../../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../../notify/webhook-receiver.ts';

/** What notifications arrived; `id` is the same for one that came again. */
export type Arrived = { app: string; id: string };

/** Receives mails of the portal and webhook messages of agents. */
export class Sink implements AsyncDisposable {
  readonly #mails: MailServer;
  readonly #hooks: WebhookReceiver;

  private constructor(mails: MailServer, hooks: WebhookReceiver) {
    this.#mails = mails;
    this.#hooks = hooks;
  }

  static async start(): Promise<Sink> {
    return new Sink(await MailServer.start(), await WebhookReceiver.start(answer(204)));
  }

  /** Options of the portal. */
  get portalOptions(): string[] {
    const from = ['--mail-from', 'crashmon@example.org', '--mail-to', 'ops@example.org'];
    return ['--smtp', `smtp://127.0.0.1:${this.#mails.port}`, ...from];
  }

  /** Options of `crashmon run`. */
  agentOptions(app: string): string[] {
    const url = this.#hooks.url('127.0.0.1', `/${app}`);
    return ['--webhook', url, '--webhook-allow-private', '--notify-wait', '5s'];
  }

  mails(): Arrived[] {
    return this.#mails.delivered.map(({ mail }) => ({
      app: /your app, ([^,]+),/i.exec(mail.subject ?? '')?.[1] ?? mail.subject ?? '',
      id: mail.messageId ?? '',
    }));
  }

  messages(): Arrived[] {
    return this.#hooks.posted.map(({ path, headers }) => ({
      app: path.slice(1),
      id: String(headers['x-crashmon-delivery']),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mails[Symbol.asyncDispose]();
    await this.#hooks[Symbol.asyncDispose]();
  }
}
