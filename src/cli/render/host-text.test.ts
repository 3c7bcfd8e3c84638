import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostStatus, RunningStatus, ServiceStatus } from '../../host/host-status.ts';
import type { CoreTarget } from '../../model/system-core.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { CliContext } from '../context.ts';
import { hostText } from './host-text.ts';

const CONTEXT = {
  ...{ env: {}, isTTY: false, columns: 80 },
  now: () => ({ wallMs: 60_000, monotonicMs: 0, bootId: '' }),
} as unknown as CliContext;

function service(app: string, running: Partial<RunningStatus>, changes: Partial<ServiceStatus> = {}) {
  const usual: ServiceStatus = {
    ...{ id: `systemd:${app}.service`, name: app, app, source: 'systemd', unit: `${app}.service` },
    ...{ isWatched: true, why: 'watched: --all', ...changes },
    running: {
      ...{
        pid: 7,
        startedAtMs: 0,
        runtime: 'python',
        armedFor: null,
        noCapture: null,
        noWords: null,
      },
      ...running,
    },
  };
  return usual;
}

const statusOf = (services: ServiceStatus[]): HostStatus => ({
  ...{ pid: process.pid, startTicks: readProcessStat(process.pid)?.startTicks ?? 0, services },
});

test('a service is shown with what explains its crashes, if anything does', () => {
  const shown = (running: Partial<RunningStatus>, changes: Partial<ServiceStatus> = {}) =>
    hostText(statusOf([service('shop', running, changes)]), [], { ...CONTEXT, columns: 500 })
      .split('\n')
      .slice(1, -2);
  const first = '  no crash so far; watched: --all';
  const next = '  if crashes repeat, its fatal signals can be captured';
  assert.deepEqual(shown({}), [first, '  a crash is explained by its last lines in the journal', next]);
  assert.deepEqual(shown({}, { source: 'pm2' }), [
    first,
    '  a crash is explained by what it prints last',
    next,
  ]);
  const traced =
    'its exceptions can be captured; fatal signals cannot: crashmon agent is already its one tracer';
  assert.equal(shown({ runtime: 'node' }, { source: 'process' }).at(-1), `  if crashes repeat, ${traced}`);
  const rows = [
    ['discarded', 'its standard error is discarded'],
    ['file', 'its standard error goes to a file, which is not read'],
    ['no-file', 'its standard error is no file that can be read'],
    ['elsewhere', 'its standard error does not go to the journal'],
    ['filtered', 'LogLevelMax= keeps its output out of the journal'],
    ['namespace', 'LogNamespace= puts its output into a journal that is not read'],
    ['no-access', 'the user of crashmon agent needs the group systemd-journal to read its output'],
  ] as const;
  for (const [noWords, text] of rows)
    assert.deepEqual(shown({ noWords }), [first, `  a crash has no last words: ${text}`, next]);
  const notYet = '  whether what it prints last can be read is not known yet';
  assert.deepEqual(shown({ noWords: 'not-known-yet' }), [first, notYet, next]);
  const outlook = (running: Partial<RunningStatus>, hasDebugger: boolean) =>
    hostText(
      statusOf([service('shop', { noCapture: null, ...running })]),
      [],
      { ...CONTEXT, columns: 500 },
      {
        hasDebugger,
      },
    ).split('\n')[3];
  assert.deepEqual(
    [outlook({ runtime: 'node' }, true), outlook({}, true), outlook({ runtime: null }, true)?.trim()],
    [
      '  if crashes repeat, its exceptions and fatal signals can be captured',
      '  if crashes repeat, its fatal signals can be captured',
      'shop  systemd  pid 7    started 60 s ago',
    ],
  );
  assert.match(
    outlook({ runtime: 'node' }, false) ?? '',
    /exceptions can .*; fatal signals cannot: gdbserver/,
  );
  assert.equal(outlook({}, false), '  no capture possible: gdbserver is not installed');
  const go = { runtime: 'go', noCapture: 'only-watched' } as const;
  assert.match(outlook(go, true) ?? '', /no capture possible: crashmon agent attaches nothing to Go;/);
  const workers = { name: 'gunicorn', count: 2, armed: 0, means: 'exit-watch', isRead: true } as const;
  assert.equal(shown({ workers }).at(-1), '  crashes of its 2 workers (gunicorn) count');
  const [, why, words] = shown({ noCapture: 'not-permitted' });
  assert.match(why ?? '', /^ {2}no capture possible: the kernel does not allow /);
  assert.equal(words, '  a crash is explained by its last lines in the journal');
  const armed = { 'exit-watch': 'uncaught exception', debugger: 'fatal signal' } as const;
  for (const armedFor of ['exit-watch', 'debugger'] as const) {
    const text = `  armed: the next ${armed[armedFor]} is captured`;
    assert.equal(shown({ armedFor, noCapture: null }).at(-1), text);
  }
});

test('of one app only its services are shown', () => {
  const text = hostText(statusOf([service('shop', {}), service('api', {})]), [], CONTEXT, { app: 'api' });
  assert.match(text, new RegExp(`^crashmon agent, pid ${process.pid}\\n`));
  assert.ok(!text.includes('shop'));
});

test('what handles core dumps is named, and what follows', () => {
  const text = (cores: CoreTarget | null) =>
    hostText(statusOf([service('shop', {})]), [], { ...CONTEXT, columns: 500 }, { cores }).split('\n')[1] ??
    '';
  assert.match(
    text('systemd-coredump'),
    /^ {2}systemd-coredump handles core dumps: .* call stack from the journal$/,
  );
  assert.match(text('apport'), /^ {2}Apport handles core dumps: it keeps no call stack/);
  for (const none of ['file', 'other', null] as const) assert.match(text(none), /^ {2}no crash so far/);
});

test('a hundred services fit into 80 columns, one line each', () => {
  const many = Array.from({ length: 100 }, (_, at) =>
    service(`a-service-with-a-long-name-${at}`, { pid: 4_000_000 + at }),
  );
  const odd = service('shop', {}, { unit: 'legacy-42.service' });
  const off = service('cron', {}, { isWatched: false, why: 'not watched: --exclude cron', running: null });
  const lines = hostText(statusOf([...many, odd, off]), [], CONTEXT).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
  assert.equal(lines[0], `crashmon agent, pid ${process.pid}, watches 101 of 102 services`);
  assert.equal(
    lines.filter((line) => /^ {4}a-service-with-a-long-name-\d+ +systemd +pid 40000/.test(line)).length,
    100,
  );
  assert.match(lines.join('\n'), /^ {4}shop +systemd legacy-42\.service +pid 7 .*$/m);
  assert.equal(lines.at(-2), '  not watched: --exclude cron: cron');
  assert.ok(lines.length <= 107, `${lines.length} lines`);
});

test('what an agent said that has ended is not shown', () => {
  const text = hostText({ ...statusOf([service('shop', {})]), startTicks: 1 }, [], CONTEXT);
  assert.equal(text, 'crashmon agent is not running: it watches nothing\n');
});
