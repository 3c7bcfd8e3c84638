import pg from 'pg';
import { openPortalStore } from '../../../src/portal/store/open-portal-store.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

export type TestCitus = AsyncDisposable & {
  /** A database on every node, with the tables of a portal, distributed. */
  fresh(): Promise<string>;
};

/** Fewer than by default: each shard of each table is made, and dropped. */
const SHARDS = 4;

type Node = { host: string; port: number };

/**
 * Databases of the test's own on a cluster of Citus that runs already. They are dropped at the end.
 * @param coordinator `postgres://…` of a database whose nodes are those of the cluster; its user makes databases
 */
export async function useCitus(coordinator: string): Promise<TestCitus> {
  const { rows: nodes } = await query<Node & { isCoordinator: boolean }>(
    coordinator,
    `select nodename as host, nodeport as port, groupid = 0 as "isCoordinator" from pg_dist_node
      where noderole = 'primary' order by groupid`,
  );
  const [first] = nodes;
  if (first?.isCoordinator !== true || nodes.length < 2) {
    throw new Error('CRASHMON_TEST_CITUS: expected a coordinator that is one of its nodes, and workers');
  }
  const at = ({ host, port }: Node, database: string) => {
    const url = new URL(coordinator);
    url.hostname = host;
    url.port = String(port);
    url.pathname = `/${database}`;
    return url.href;
  };
  const made: string[] = [];
  return {
    async fresh() {
      const name = `crashmon_test_${process.pid}_${made.length}`;
      made.push(name);
      await Promise.all(
        nodes.map(async (node) => {
          await query(at(node, 'postgres'), `create database ${name} strategy file_copy`);
          await query(at(node, name), 'create extension citus');
        }),
      );
      const url = at(first, name);
      await query(at(first, 'postgres'), `alter database ${name} set citus.shard_count = ${SHARDS}`);
      await query(url, `select citus_set_coordinator_host('${first.host}', ${first.port})`);
      for (const { host, port } of nodes.slice(1))
        await query(url, `select citus_add_node('${host}', ${port})`);
      await using directory = await temporaryDirectory('citus');
      const store = await openPortalStore({
        ...{ databaseUrl: url, dataDir: directory.path, retentionDays: 90, citus: true },
      });
      await store.close();
      return url;
    },
    async [Symbol.asyncDispose]() {
      for (const name of made) {
        for (const node of nodes) await query(at(node, 'postgres'), `drop database ${name} with (force)`);
      }
    },
  };
}

async function query<Row extends object>(url: string, text: string): Promise<{ rows: Row[] }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<Row>(text);
  } finally {
    await client.end();
  }
}
