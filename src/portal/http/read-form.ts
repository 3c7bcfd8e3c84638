import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CrashmonError } from '../../model/crashmon-error.ts';

/** @throws CrashmonError BAD_REQUEST */
export function readForm<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new CrashmonError(
    'BAD_REQUEST',
    'A field of the form is missing or too long. Go back and try again.',
  );
}

/** The app of the address. */
export function appOf(request: FastifyRequest): string {
  return paramOf(request, 'app');
}

/** A part of the address. */
export function paramOf(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}
