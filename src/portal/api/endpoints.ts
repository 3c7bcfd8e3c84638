import { z } from 'zod';
import { nextSteps } from '../../explain/next-steps.ts';
import { factsOf } from '../../model/crash-facts.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { CRASH_KINDS } from '../../model/exit.ts';
import { signatureOf } from '../../signature/signature.ts';
import { visibleApps } from '../access/domain/roles.ts';
import { accountOf } from '../access/http/guards.ts';
import { readerOf } from '../access/http/require-reader.ts';
import { appInsight } from '../insight/app-insight.ts';
import { sessionsSince } from '../insight/group-dumps.ts';
import { noStack } from '../insight/no-stack.ts';
import { RANGES, rangeChoice, timeRange } from '../insight/ranges.ts';
import { appThresholds } from '../insight/thresholds.ts';
import type { PortalParts } from '../portal-parts.ts';
import { loadFinding } from '../routes/load-crashes-page.ts';
import type { AuditStore } from '../store/access/access-store.ts';
import type { ReadStore } from '../store/portal-store.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import * as answers from './schemas.ts';
import { shownCrash, shownSignature } from './shown-crash.ts';

const app = z.object({ app: z.string().min(1).max(300) });
const range = z.enum(RANGES.map(({ name }) => name) as ['1d', '7d', '15d', '90d']).default('15d');
const limit = z.coerce.number().int().min(1).max(500).default(100);
const name = z.string().min(1).max(300);
const signatureParams = app.extend({ signature: name });

/** All endpoints of the API. */
export function endpoints({ store, now }: PortalParts<ReadStore & AuditStore>): Endpoint[] {
  return [
    endpoint({
      ...{ method: 'GET', path: '/api/v1/session', access: 'session' },
      summary: 'Your account, and the value of x-csrf-token that changes need',
      answer: z.object({ account: z.string(), csrfToken: z.string().nullable() }),
      handle: async (_, request) => ({ account: accountOf(request).name, csrfToken: request.csrfToken }),
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps', access: 'session', scope: 'crashes:read' },
      summary: 'Apps that you can see',
      answer: z.object({ apps: z.array(answers.appSummary) }),
      handle: async (_, request) => ({ apps: await store.apps(visibleApps(readerOf(request)), now()) }),
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/summary', access: 'view', scope: 'crashes:read' },
      summary: 'The summary of an app: what was detected, thresholds, exception codes, next steps',
      params: app,
      querystring: z.object({ range }),
      answer: answers.summary,
      handle: async ({ params, query }) => {
        const { range, causes, fleet, captured, crash, next } = await loadFinding(
          store,
          params.app,
          rangeChoice(query.range),
          now(),
        );
        const { headline, rest } = appInsight({
          ...{ app: params.app, causes, fleet, rangeWords: range.words },
          ...{ captured: captured.items.length, moreCaptured: captured.next !== null },
        });
        const thresholds = appThresholds(fleet);
        const { states } = fleet;
        return { headline, rest, thresholds, causes, states, crash: crash?.uid ?? null, nextSteps: next };
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/timeline', access: 'view', scope: 'crashes:read' },
      summary: 'Crashes over time by signature, with deploys',
      params: app,
      querystring: z.object({ range, signature: name.optional() }),
      answer: answers.timeline,
      handle: async ({ params, query }) => {
        const chosen = rangeChoice(query.range);
        return store.timeline(params.app, timeRange(chosen, now()), chosen.bucketMs, query.signature);
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/signatures', access: 'view', scope: 'crashes:read' },
      summary: 'Crashes grouped by cause, most frequent first',
      params: app,
      querystring: z.object({ range, limit }),
      answer: z.object({ signatures: z.array(answers.signatureSummary) }),
      handle: async ({ params, query }) => {
        const time = timeRange(rangeChoice(query.range), now());
        return { signatures: await store.signatures(params.app, time, query.limit, now()) };
      },
    }),
    endpoint({
      ...{
        method: 'GET',
        path: '/api/v1/apps/{app}/signatures/{signature}',
        access: 'view',
        scope: 'crashes:read',
      },
      summary: 'One signature, with its latest report',
      params: signatureParams,
      answer: answers.signatureDetail,
      handle: async ({ params }) =>
        shownSignature(found(await store.signature(params.app, params.signature, now()), 'signature')),
    }),
    endpoint({
      ...{
        method: 'GET',
        path: '/api/v1/apps/{app}/signatures/{signature}/formation',
        access: 'view',
        scope: 'crashes:read',
      },
      summary: 'What one signature is made of',
      params: signatureParams,
      answer: answers.formation,
      handle: async ({ params }) => {
        const { values, newestReport } = found(
          await store.signature(params.app, params.signature, now()),
          'signature',
        );
        return { values, parts: newestReport === null ? [] : signatureOf(factsOf(newestReport)).parts };
      },
    }),
    endpoint({
      ...{ method: 'PATCH', path: '/api/v1/apps/{app}/signatures/{signature}', access: 'admin' },
      summary: 'Change its note, resolve or reopen it',
      params: signatureParams,
      body: z
        .strictObject({ note: z.string().max(4000).optional(), resolved: z.boolean().optional() })
        .refine(({ note, resolved }) => note !== undefined || resolved !== undefined),
      answer: answers.signatureDetail,
      handle: async ({ params, body }, request) => {
        const who = accountOf(request).name;
        const changes: [string, () => Promise<boolean>][] = [];
        const { note, resolved } = body;
        if (note !== undefined)
          changes.push(['note', () => store.setNote(params.app, params.signature, note)]);
        if (resolved !== undefined) {
          const value = resolved ? { atMs: now(), by: who } : null;
          changes.push([
            resolved ? 'resolve' : 'reopen',
            () => store.setResolved(params.app, params.signature, value),
          ]);
        }
        for (const [what, change] of changes) {
          if (!(await change())) throw noSuch('signature');
          await store.audit({
            atMs: now(),
            who,
            what,
            app: params.app,
            detail: `signature ${params.signature}`,
          });
        }
        return shownSignature(found(await store.signature(params.app, params.signature, now()), 'signature'));
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/crashes', access: 'view', scope: 'crashes:read' },
      summary: 'Crashes, newest first, paginated',
      params: app,
      querystring: z.object({
        ...{ range, limit },
        kind: z.enum(CRASH_KINDS).optional(),
        signature: name.optional(),
        instance: name.optional(),
        version: name.optional(),
        captured: z.enum(['yes', 'no']).optional(),
        after: name.optional(),
      }),
      answer: z.object({ items: z.array(answers.crashEvent), next: z.string().nullable() }),
      handle: async ({ params, query }) => {
        const { kind, signature, instance, version, captured } = query;
        const hasReport = captured === undefined ? undefined : captured === 'yes';
        const time = timeRange(rangeChoice(query.range), now());
        const filter = { range: time, kind, signature, instance, version, hasReport };
        return store.crashes(params.app, filter, query.limit, query.after);
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/crashes/{uid}', access: 'view', scope: 'crashes:read' },
      summary: 'One crash, with its redacted report, or why there is none, and what to do next',
      params: app.extend({ uid: name }),
      answer: answers.explainedCrash,
      handle: async ({ params }) => {
        const crash = found(await store.crash(params.app, params.uid), 'crash');
        const instance = crash.hasReport ? null : await store.instance(params.app, crash.instance, now());
        const next = { nextSteps: nextSteps(factsOf(crash)), noStack: noStack(crash, instance, now()) };
        return { ...shownCrash(crash), ...next };
      },
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/instances', access: 'view', scope: 'fleet:read' },
      summary: 'Instances of an app and their states',
      params: app,
      answer: z.object({ instances: z.array(answers.instanceSummary) }),
      handle: async ({ params }) => ({ instances: await store.instances(params.app, now()) }),
    }),
    endpoint({
      ...{
        method: 'GET',
        path: '/api/v1/apps/{app}/instances/{instance}',
        access: 'view',
        scope: 'fleet:read',
      },
      summary: 'One instance, with its state changes',
      params: app.extend({ instance: name }),
      answer: z.object({
        instance: answers.instanceSummary,
        days: answers.days,
        changes: z.array(answers.stateChange),
      }),
      handle: async ({ params }) => ({
        instance: found(await store.instance(params.app, params.instance, now()), 'instance'),
        days: [...(await store.instanceDays(params.app, [params.instance], now())).values()].flat(),
        changes: await store.stateChanges(params.app, params.instance, 100),
      }),
    }),
    endpoint({
      ...{ method: 'GET', path: '/api/v1/apps/{app}/sessions', access: 'view' },
      summary: 'Sessions that keep dumps, the dumps, and what instances were asked for; 15 days',
      params: app,
      answer: answers.sessions,
      handle: async ({ params }) => store.dumpSessions(params.app, sessionsSince(now()), now()),
    }),
  ];
}

function found<Value>(value: Value | null, what: string): Value {
  if (value === null) throw noSuch(what);
  return value;
}

function noSuch(what: string): CrashmonError {
  return new CrashmonError(
    'NO_SUCH_CRASH',
    `There is no such ${what}. It may have been removed with its retention.`,
  );
}
