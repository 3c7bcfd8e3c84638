import { TABLES, type TableName } from './tables.ts';

/** What belongs to an app. Citus distributes it by `app_id`, so that all of an app is on one node. */
export const APP_TABLES = (Object.keys(TABLES) as TableName[]).filter(
  (name): name is AppTableName => 'app_id' in TABLES[name].columns && name !== 'apps',
);

export type AppTableName = Exclude<
  { [Name in TableName]: 'app_id' extends keyof (typeof TABLES)[Name]['columns'] ? Name : never }[TableName],
  'apps'
>;
