import type { Session } from '../../store/access/access-store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in, as the store knows them at this request; null where nobody is. */
    session: Session | null;
    /** What a form of this session must bring along; null without a session. */
    csrfToken: string | null;
  }
}
