import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { DaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import { ClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import { parse, parseAllDocuments } from 'yaml';
import { addAgentOptions } from '../../src/cli/agent/agent-options.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { variableOf } from '../../src/cli/options/environment.ts';
import { addPortal } from '../../src/cli/verbs/portal.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { runProgram } from '../support/run-program.ts';

const CHART = path.join(CHECKOUT, 'deploy/helm/crashmon');
const KINDS = [
  ...[ClusterRole, ClusterRoleBinding, ConfigMap, DaemonSet, Deployment, Ingress, NetworkPolicy],
  ...[PodDisruptionBudget, Service, ServiceAccount],
];

type Resource = { apiVersion: string; kind: string; metadata: { name: string } };

const textOf = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');

/** The chart with these values over its own, as Helm's engine renders it; every resource fits Kubernetes' schema. */
async function render(
  change: (values: Record<string, Record<string, unknown>>) => void,
): Promise<Resource[]> {
  const values = parse(readFileSync(path.join(CHART, 'values.yaml'), 'utf8'));
  change(values);
  const seen = { Values: values, Release: { Name: 'crashmon', Namespace: 'watch' } };
  const templates = globSync('templates/*.yaml', { cwd: CHART }).toSorted();
  const renderer = path.join(CHECKOUT, 'test/packages/render-chart.go');
  const { code, stdout, stderr } = await runProgram('go', ['run', renderer, ...templates], {
    ...{ cwd: CHART, input: JSON.stringify(seen) },
    env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '' },
  });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const documents = parseAllDocuments(stdout);
  const resources = documents.flatMap((document) => {
    assert.deepEqual(document.errors, []);
    return (document.toJS() as Resource | null) ?? [];
  });
  for (const resource of resources) {
    const Kind =
      KINDS.find((one) => one.is(resource)) ?? assert.fail(`${resource.apiVersion} ${resource.kind}`);
    new Kind(resource as never).validate();
  }
  return resources;
}

const kindsOf = (resources: readonly Resource[]) => resources.map(({ kind }) => kind).toSorted();

test('the chart renders to what Kubernetes knows: as it is, with all its parts, and with the agent alone', async () => {
  const agent = ['ClusterRole', 'ClusterRoleBinding', 'ConfigMap', 'DaemonSet', 'ServiceAccount'];
  const portal = ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount'];
  assert.deepEqual(kindsOf(await render(() => {})), [...agent, ...portal].toSorted());
  const all = await render(({ portal = {}, agent = {} }) => {
    Object.assign(portal.ingress as object, { enabled: true, className: 'nginx' });
    const peer = [{ ipBlock: { cidr: '10.0.0.0/8' } }];
    Object.assign(portal.networkPolicy as object, { egress: peer, from: peer });
    portal.env = { CRASHMON_RETENTION: '30d', CRASHMON_SMTP: 'smtp://mail "quoted"' };
    agent.tokensSecret = 'tokens';
  });
  assert.deepEqual(kindsOf(all), [...agent, ...portal, 'Ingress'].toSorted());
  const without = await render(({ portal = {} }) => {
    portal.enabled = false;
  });
  assert.deepEqual(kindsOf(without), agent);
});

test('what is deployed names variables that there are, and one version', () => {
  const program = new Command('crashmon');
  addPortal(program, {} as CliContext);
  const options = [...(program.commands[0]?.options ?? []), ...addAgentOptions(new Command('agent')).options];
  const known = new Set([
    ...options.map(variableOf),
    ...['CRASHMON_METRICS_TOKEN', 'CRASHMON_SMTP_PASSWORD', 'CRASHMON_ADMIN_PASSWORD', 'CRASHMON_NODE_NAME'],
  ]);
  const files = globSync(
    ['deploy/helm/**/*.yaml', 'deploy/docker/*', 'deploy/debian/*', 'deploy/systemd/*'],
    {
      cwd: CHECKOUT,
    },
  );
  const named = files.flatMap((file) => textOf(file).match(/\bCRASHMON_[A-Z_]+/g) ?? []);
  assert.ok(named.length > 15, `${named.length}`);
  // Of Kubernetes, and of the script that builds.
  const others = ['CRASHMON_PORTAL_PORT', 'CRASHMON_X', 'CRASHMON_DEB_LEVEL'];
  assert.deepEqual(
    [...new Set(named)].filter((name) => !known.has(name) && !others.includes(name)),
    [],
  );
  const { version } = JSON.parse(textOf('package.json'));
  const chart = parse(textOf('deploy/helm/crashmon/Chart.yaml'));
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
  for (const file of ['deploy/helm/crashmon/values.yaml', 'deploy/docker/compose.yaml']) {
    assert.ok(textOf(file).includes(`crashmon:${version}\n`), file);
  }
  parse(textOf('deploy/docker/compose.yaml'));
});
