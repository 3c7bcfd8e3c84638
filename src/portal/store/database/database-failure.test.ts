import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseFailure } from './database-failure.ts';

test('a connection that broke is named as such, in each of the words of the driver', () => {
  for (const said of [
    'Connection terminated unexpectedly',
    'Client was closed and is not queryable',
    'Client has encountered a connection error and is not queryable',
  ])
    assert.match(
      databaseFailure('db', new Error(said)).message,
      /^Cannot use the database db: the connection was lost/,
    );
});

test('what the database said is never shown', () => {
  const { message } = databaseFailure('db', new Error('value "secret" is wrong'));
  assert.equal(message, 'Cannot use the database db: an unexpected error.');
});
