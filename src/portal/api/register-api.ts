import fastifySwagger from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import type { ApiTokenGate } from '../access/http/api-token-gate.ts';
import { requireSession } from '../access/http/guards.ts';
import { contextOf } from '../access/http/page-context-of.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { readFields } from '../http/read-fields.ts';
import { sendPage } from '../http/send-page.ts';
import { apiPage } from '../pages/api-page.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { AuditStore } from '../store/access/access-store.ts';
import type { ReadStore } from '../store/portal-store.ts';
import { addEndpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';

/** Routes of the JSON API under `/api/v1`, its OpenAPI document, and the page about both. */
export async function registerApi(
  server: PortalServer,
  parts: PortalParts<ReadStore & AuditStore>,
  gate: ApiTokenGate,
): Promise<void> {
  const all = endpoints(parts);
  await server.register(async (scope) => {
    scope.setValidatorCompiler(({ schema }) => (data) => {
      try {
        return { value: readFields(schema as z.ZodType, data) };
      } catch (error) {
        return { error: error as Error };
      }
    });
    // What the store answers is what the schemas say; checking every answer again would only cost.
    scope.setSerializerCompiler(() => (data) => JSON.stringify(data));
    await scope.register(fastifySwagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Crashmon portal',
          version: '1',
          description: 'What crashed, why, and what is known of it. No answer holds an exception message.',
        },
        components: {
          securitySchemes: {
            session: { type: 'apiKey', in: 'cookie', name: 'crashmon' },
            token: {
              ...{ type: 'http', scheme: 'bearer', bearerFormat: 'cmr_…' },
              description: 'An API token, which reads. Endpoints name the scope that it needs.',
            },
          },
        },
        security: [{ session: [] }],
      },
      transform: ({ schema, url }) => ({ schema: asJsonSchema(schema), url }),
    });
    for (const each of all) addEndpoint(scope, gate, each);
    scope.get('/api/openapi.json', { schema: { hide: true } }, async (_, reply) =>
      reply.type('application/json; charset=utf-8').send(scope.swagger()),
    );
  });
  const described = all.map((each) => ({ ...each, parameters: parametersOf(each.querystring) }));
  server.get('/api', { preHandler: requireSession }, async (request, reply) =>
    sendPage(reply, apiPage(described, contextOf(request, parts))),
  );
}

function parametersOf(querystring: z.ZodType | undefined): string[] {
  return querystring instanceof z.ZodObject ? Object.keys(querystring.shape) : [];
}

function asJsonSchema(schema: FastifySchema | undefined): FastifySchema {
  const { params, querystring, body, response, ...rest } = (schema ?? {}) as Record<string, unknown>;
  const converted: Record<string, unknown> = { ...rest };
  for (const [part, value] of Object.entries({ params, querystring, body })) {
    if (value instanceof z.ZodType) converted[part] = jsonSchema(value, 'input');
  }
  if (response !== undefined) {
    const answers = Object.entries(response as Record<string, z.ZodType>);
    converted.response = Object.fromEntries(
      answers.map(([status, answer]) => [
        status,
        { description: status === '200' ? 'As asked' : 'A problem', ...jsonSchema(answer, 'output') },
      ]),
    );
  }
  return converted as FastifySchema;
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
