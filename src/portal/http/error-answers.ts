import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorPage } from '../pages/error-page.ts';
import type { PortalParts } from '../portal-parts.ts';
import { type ErrorAnswer, errorAnswer, noSuchPage } from './error-status.ts';
import type { PortalServer } from './portal-server.ts';

/** Every error becomes one clear answer: a page for people, `application/problem+json` (RFC 9457) for programs. */
export function addErrorAnswers(server: PortalServer, parts: PortalParts<unknown>): void {
  server.setErrorHandler((error, request, reply) => {
    const answer = errorAnswer(error);
    if (answer.status >= 500) {
      parts.log.error({ err: error, route: request.routeOptions.url, method: request.method }, answer.title);
    }
    return sendAnswer(answer, request, reply, parts);
  });
  server.setNotFoundHandler((request, reply) => sendAnswer(noSuchPage(), request, reply, parts));
}

function sendAnswer(
  answer: ErrorAnswer,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<unknown>,
): FastifyReply {
  reply.code(answer.status).header('cache-control', 'no-store');
  if (answer.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '5');
  if (wantsPage(request)) {
    return reply.type('text/html; charset=utf-8').send(errorPage({ ...answer, assetUrl: parts.assetUrl }));
  }
  const { status, code, title, sentence } = answer;
  return reply
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail: sentence, code }));
}

function wantsPage(request: FastifyRequest): boolean {
  return !request.url.startsWith('/api/') && /\btext\/html\b/.test(request.headers.accept ?? '');
}
