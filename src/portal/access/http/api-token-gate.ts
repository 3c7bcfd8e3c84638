import type { FastifyRequest } from 'fastify';
import type { PortalParts } from '../../portal-parts.ts';
import type {
  Account,
  AccountStore,
  ApiToken,
  ApiTokenStore,
  AuditStore,
} from '../../store/access/access-store.ts';
import { apiTokenWords, givenApiToken, type SentApiToken } from '../domain/api-token.ts';
import { decideReading, type Reading, type TokenRefusal } from '../domain/api-token-access.ts';
import { RefusalCounts } from '../domain/refusal-counts.ts';

const USE_NOTED_EVERY_MS = 60_000;

export type RefusedToken = { is: 'refused'; status: 400 | 401 | 403 | 404; detail: string };

const ANSWERS: Readonly<Record<TokenRefusal, Omit<RefusedToken, 'is'>>> = {
  'wrong secret': { status: 401, detail: 'This API token is unknown.' },
  revoked: { status: 401, detail: 'This API token was revoked.' },
  expired: { status: 401, detail: 'This API token has expired. Create another one.' },
  'account removed': { status: 401, detail: 'The account of this API token was removed.' },
  'not readable': { status: 403, detail: 'API tokens cannot do this. Sign in instead.' },
  'missing scope': { status: 403, detail: 'This API token does not have the scope for this.' },
  'no access to the app': { status: 404, detail: 'App not found, or the API token has no access to it.' },
};
const IN_ADDRESS: RefusedToken = {
  ...{ is: 'refused', status: 400 },
  detail:
    'The address contains an API token, and addresses are logged. Revoke the token, and send another one as Authorization: Bearer.',
};

/** Checks API tokens against the store at each request: what was revoked a moment ago is refused. */
export class ApiTokenGate {
  readonly #parts: PortalParts<AccountStore & ApiTokenStore & AuditStore>;
  readonly #uses: ReturnType<PortalParts['metrics']['counter']>;
  /** Of this process. */
  readonly #refusals = new RefusalCounts();

  constructor(parts: PortalParts<AccountStore & ApiTokenStore & AuditStore>) {
    this.#parts = parts;
    this.#uses = parts.metrics.counter(
      'crashmon_portal_api_token_requests_total',
      'Requests with API tokens',
    );
  }

  /** The account as the token lets it read; null: the request has no API token. */
  async enter(
    request: FastifyRequest,
    reading: Reading,
  ): Promise<{ is: 'reader'; account: Account } | RefusedToken | null> {
    const given = givenApiToken(request.headers.authorization, request.url);
    if (given === null) return null;
    const entered =
      given.where === 'address' ? IN_ADDRESS : await this.#decide(given.token, request, reading);
    if (given.where === 'address') await this.#noteInAddress(given.token, request);
    this.#uses.add(1, { result: entered.is === 'reader' ? 'accepted' : String(entered.status) });
    return entered;
  }

  async #decide(sent: SentApiToken | null, request: FastifyRequest, reading: Reading) {
    const { store, now } = this.#parts;
    const token = sent === null ? null : await store.apiToken(sent.id);
    if (sent === null || token === null) return { is: 'refused', ...ANSWERS['wrong secret'] } as const;
    const nowMs = now();
    const decided = decideReading(token, await store.account(token.accountId), sent, reading, nowMs);
    if (decided.is === 'refused') {
      await this.#noteRefusal(token, decided.why, request);
      return { is: 'refused', ...ANSWERS[decided.why] } as const;
    }
    // Reading still works if the database cannot be written.
    if (nowMs - (token.lastUsedMs ?? 0) >= USE_NOTED_EVERY_MS)
      await store.noteApiTokenUse(token.id, nowMs).catch(() => {});
    return decided;
  }

  async #noteInAddress(sent: SentApiToken | null, request: FastifyRequest): Promise<void> {
    const token = sent === null ? null : await this.#parts.store.apiToken(sent.id);
    if (token !== null) await this.#noteRefusal(token, 'sent in an address', request);
  }

  async #noteRefusal(token: ApiToken, why: string, { method, routeOptions }: FastifyRequest): Promise<void> {
    const { store, now } = this.#parts;
    const key = `${token.id} ${why}`;
    const route = `${method} ${routeOptions.url ?? ''}`;
    const atMs = now();
    const times = this.#refusals.note(key, route, atMs);
    if (times === null) return;
    const count = times === 1 ? `, ${route}` : `, ${times} times within an hour, last ${route}`;
    const detail = `${apiTokenWords(token)}: ${why}${count}`;
    const who = (await store.account(token.accountId))?.name ?? token.createdBy;
    const entry = { atMs, who, app: null, detail };
    await store.audit({ ...entry, what: 'api-token-refused' }).catch(() => this.#refusals.forget(key));
  }
}
