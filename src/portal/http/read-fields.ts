import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CrashmonError } from '../../model/crashmon-error.ts';

/**
 * The fields of a form, a query or a JSON body, by a schema. @throws CrashmonError BAD_REQUEST with the names of the fields
 * that are wrong, and nothing else of what was sent
 */
export function readFields<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].filter((name) =>
    /^[A-Za-z]+$/.test(name),
  );
  throw new CrashmonError('BAD_REQUEST', `Missing or invalid: ${names.join(', ') || 'the request'}.`);
}

/** The app of the address. */
export function appOf(request: FastifyRequest): string {
  return paramOf(request, 'app');
}

/** A part of the address. */
export function paramOf(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}
