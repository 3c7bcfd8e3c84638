import type { Account, Session } from '../../store/access/access-store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** null: not signed in. */
    session: Session | null;
    /** What a form of this session must bring along; null without a session. */
    csrfToken: string | null;
    /** Of an API token that was accepted: what it can see. */
    reader: Account | null;
  }
}
