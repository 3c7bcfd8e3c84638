import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeAnswer } from './answer.ts';

const judge = (status: number, body: string | null = '', headers = {}) =>
  judgeAnswer({ status, headers, body }, 0);

test('a success counts only from a receiver of OpenTelemetry', () => {
  const taken = { outcome: 'taken', rejected: 0, note: null, clockAheadMs: null, requests: [], dumps: [] };
  for (const body of ['', '{}', '{"partialSuccess":{}}', '{"partialSuccess":null}']) {
    assert.deepEqual(judge(200, body), taken, body);
  }
  assert.deepEqual(judge(200, '\u0000\u0001', { 'content-type': 'application/x-protobuf' }), taken);
  for (const body of ['<html>Sign in</html>', 'OK', '[]', 'null', '1', null]) {
    assert.equal(judge(200, body).outcome, 'later', String(body));
  }
});

test('a partial success says how many were rejected, and why in few words', () => {
  const body = (rejected: unknown, errorMessage: unknown) =>
    JSON.stringify({ partialSuccess: { rejectedLogRecords: rejected, errorMessage } });
  assert.deepEqual(judge(200, body('2', 'too\u001b[2Jold')), {
    outcome: 'taken',
    rejected: 2,
    note: 'too [2Jold',
    clockAheadMs: null,
    requests: [],
    dumps: [],
  });
  for (const rejected of [-1, 'x', 1.5, null, {}]) {
    assert.deepEqual(judge(200, body(rejected, 7)), {
      outcome: 'taken',
      rejected: 0,
      note: null,
      clockAheadMs: null,
      requests: [],
      dumps: [],
    });
  }
  const long = judge(200, body(1, 'x'.repeat(10_000)));
  assert.ok(long.outcome === 'taken' && long.note?.length === 200);
});

test('a clock that differs from the receiver is known by its Date', () => {
  const aheadOf = (date: string | undefined) => {
    const answer = judge(200, '', date === undefined ? {} : { date });
    return answer.outcome === 'taken' && answer.clockAheadMs;
  };
  assert.equal(aheadOf('Thu, 01 Jan 1970 01:00:00 GMT'), -3_600_000);
  assert.equal(aheadOf('Wed, 31 Dec 1969 23:00:00 GMT'), 3_600_000);
  for (const date of ['Thu, 01 Jan 1970 00:00:59 GMT', 'soon', '', undefined])
    assert.equal(aheadOf(date), null);
});

test('only what blames the records gives them up', () => {
  for (const status of [400, 406, 411, 413, 415, 418, 422, 431]) {
    assert.equal(judge(status).outcome, 'refused', String(status));
  }
  for (const status of [301, 302, 307, 308, 401, 403, 404, 405, 408, 429, 500, 502, 503, 504, 507]) {
    assert.equal(judge(status).outcome, 'later', String(status));
  }
});

test('Retry-After is heard', () => {
  const answer = judge(429, '', { 'retry-after': '7' });
  assert.ok(answer.outcome === 'later' && answer.retryAfterMs === 7000);
});

test('nothing that a receiver says is repeated but the note', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, body) => {
      const answer = judge(status, `alice${body}`, {
        'retry-after': body,
        location: 'https://alice.example',
      });
      assert.ok(!JSON.stringify(answer).includes('alice'));
    }),
  );
});
