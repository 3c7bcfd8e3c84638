import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { type PostOptions, postWebhook } from '../../src/notify/webhook/post-webhook.ts';
import type { Address, Lookup } from '../../src/notify/webhook/resolve-target.ts';
import { webhookBody } from '../../src/notify/webhook/webhook-body.ts';
import { parseWebhookTarget, type TargetOptions } from '../../src/notify/webhook/webhook-target.ts';
import { selfSigned } from './certificate.ts';
import { crashNotification } from './sample-notifications.ts';
import { answer, WebhookReceiver } from './webhook-receiver.ts';

const NOW = 1_800_000_000_500;
const BODY = webhookBody(crashNotification(), 'crashmon');

function post(url: string, target: TargetOptions = {}, options: Partial<PostOptions> = {}) {
  const message = { body: BODY, deliveryId: 'd-1' };
  return postWebhook(parseWebhookTarget(url, { allowPrivate: true, ...target }), message, {
    nowMs: NOW,
    ...options,
  });
}

/** Answers with these addresses, one after the other. */
function names(...answers: readonly (readonly string[])[]): Lookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup = async (host: string): Promise<Address[]> => {
    asked.push(host);
    const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return Object.assign(lookup, { asked });
}

describe('a message that arrives', () => {
  test('is what was made, and signed', async () => {
    await using receiver = await WebhookReceiver.start(answer(204));
    const secret = 'a secret of the receiver';
    assert.deepEqual(await post(receiver.url(), { secret }), { outcome: 'delivered' });
    const [{ method, path, headers, body } = assert.fail()] = receiver.posted;
    assert.deepEqual([method, path, body], ['POST', '/hook?key=s3cret-address', BODY]);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['x-crashmon-delivery'], 'd-1');
    const [, t = '', v1 = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-crashmon-signature'])) ?? [];
    assert.equal(t, '1800000000');
    const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest();
    assert.ok(timingSafeEqual(Buffer.from(v1, 'hex'), expected));
  });

  test('is not signed without a secret', async () => {
    await using receiver = await WebhookReceiver.start(answer(200));
    await post(receiver.url());
    assert.equal(receiver.posted[0]?.headers['x-crashmon-signature'], undefined);
  });

  test('by TLS, to the name of the certificate at the address that was checked', async () => {
    const certificate = await selfSigned();
    await using receiver = await WebhookReceiver.start(answer(200), certificate);
    const lookup = names(['127.0.0.1']);
    const outcome = await post(receiver.url('localhost'), {}, { ca: certificate.cert, lookup });
    assert.deepEqual(outcome, { outcome: 'delivered' });
    assert.equal(receiver.posted[0]?.headers.host, `localhost:${receiver.port}`);
    assert.deepEqual(lookup.asked, ['localhost']);
  });

  test('not with an untrusted certificate, or one for another name', async () => {
    const certificate = await selfSigned();
    await using receiver = await WebhookReceiver.start(answer(200), certificate);
    const unknown = await post(receiver.url('localhost'));
    assert.deepEqual(unknown, {
      outcome: 'retry',
      why: "The receiver's certificate is not trusted.",
      retryAfterMs: null,
    });
    const other = await post(
      receiver.url('other.example'),
      {},
      { ca: certificate.cert, lookup: names(['127.0.0.1']) },
    );
    assert.equal(
      other.outcome === 'retry' && other.why,
      "The receiver's certificate is for a different host name.",
    );
    assert.equal(receiver.posted.length, 0);
  });
});

describe('private networks', () => {
  const refused = 'The URL leads to a private or special address, which is not allowed by default.';
  const isPrivate = { allowPrivate: false };

  for (const host of [
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '0',
    'localhost',
    '169.254.169.254',
  ]) {
    test(`are not reached by https://${host}`, async () => {
      await using receiver = await WebhookReceiver.start(answer(200));
      const outcome = await post(`https://${host}:${receiver.port}/`, isPrivate);
      assert.deepEqual(outcome, { outcome: 'failed', why: refused });
      assert.equal(receiver.connections, 0);
    });
  }

  test('are not reached by a name that has one such address among others', async () => {
    await using receiver = await WebhookReceiver.start(answer(200));
    const lookup = names(['93.184.215.14', '127.0.0.1']);
    const outcome = await post(`https://hooks.example:${receiver.port}/`, isPrivate, { lookup });
    assert.deepEqual(outcome, { outcome: 'failed', why: refused });
    assert.equal(receiver.connections, 0);
  });

  test('are not reached by a name that changes its address after it was checked', async () => {
    await using receiver = await WebhookReceiver.start(answer(200));
    // Another address at the second look, where the receiver is: there is no second.
    const lookup = names(['127.0.0.2'], ['127.0.0.1']);
    const outcome = await post(receiver.url('hooks.example'), {}, { lookup });
    assert.equal(outcome.outcome === 'retry' && outcome.why, 'The receiver refused the connection.');
    assert.deepEqual(lookup.asked, ['hooks.example']);
    assert.equal(receiver.connections, 0);
  });

  test('are not reached by way of a redirect', async () => {
    await using inner = await WebhookReceiver.start(answer(200));
    await using receiver = await WebhookReceiver.start(answer(307, { location: inner.url() }));
    const outcome = await post(receiver.url());
    assert.match(
      outcome.outcome === 'failed' ? outcome.why : '',
      /^The receiver responded with 307: .* redirects/,
    );
    assert.equal(inner.connections, 0);
  });

  test('and http are refused before anything is sent', () => {
    assert.throws(() => parseWebhookTarget('http://hooks.example/x'), { code: 'BAD_OPTION' });
  });
});

describe('an answer', () => {
  const cases = [
    [429, { 'retry-after': '120' }, { outcome: 'retry', retryAfterMs: 120_000 }],
    [
      503,
      { 'retry-after': new Date(NOW + 60_500).toUTCString() },
      { outcome: 'retry', retryAfterMs: 60_500 },
    ],
    [500, {}, { outcome: 'retry', retryAfterMs: null }],
    [408, {}, { outcome: 'retry', retryAfterMs: null }],
    [400, {}, { outcome: 'failed' }],
    [403, {}, { outcome: 'failed' }],
    [404, {}, { outcome: 'failed' }],
    [410, {}, { outcome: 'failed' }],
    [202, {}, { outcome: 'delivered' }],
  ] as const;
  for (const [status, headers, expected] of cases) {
    test(`${status} ${Object.values(headers)}`, async () => {
      await using receiver = await WebhookReceiver.start(answer(status, headers));
      const outcome = await post(receiver.url());
      const { why = null, ...rest } = { why: null, ...outcome };
      assert.deepEqual(rest, expected);
      assert.ok(why === null || why.startsWith(`The receiver responded with ${status}: `));
    });
  }

  test('that never ends is left, and its status counts', async () => {
    await using receiver = await WebhookReceiver.start((_posted, response) => {
      const more = () => {
        while (response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    assert.deepEqual(await post(receiver.url()), { outcome: 'delivered' });
  });

  test('that falls silent after its status is left, and the status counts', async () => {
    await using receiver = await WebhookReceiver.start((_posted, response) => {
      response.writeHead(200).write('a moment');
    });
    assert.deepEqual(await post(receiver.url(), {}, { timeoutMs: 200 }), { outcome: 'delivered' });
  });

  test('that does not come', async () => {
    await using receiver = await WebhookReceiver.start(() => {});
    const outcome = await post(receiver.url(), {}, { timeoutMs: 200 });
    assert.deepEqual(outcome, {
      outcome: 'retry',
      why: 'The receiver did not answer in time.',
      retryAfterMs: null,
    });
  });

  test('whose headers come a byte at a time', async () => {
    await using receiver = await WebhookReceiver.start((_posted, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\nx: ');
      const timer = setInterval(() => socket?.write('x'), 10);
      socket?.once('close', () => clearInterval(timer));
    });
    const outcome = await post(receiver.url(), {}, { timeoutMs: 300 });
    assert.equal(outcome.outcome === 'retry' && outcome.why, 'The receiver did not answer in time.');
  });

  test('whose headers never end', async () => {
    await using receiver = await WebhookReceiver.start((_posted, { socket }) => {
      socket?.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(64 * 1024)}`);
    });
    assert.equal((await post(receiver.url())).outcome, 'retry');
  });
});

describe('no message', () => {
  test('listens there', async () => {
    const receiver = await WebhookReceiver.start(answer(200));
    const url = receiver.url();
    await receiver[Symbol.asyncDispose]();
    assert.deepEqual(await post(url), {
      outcome: 'retry',
      why: 'The receiver refused the connection.',
      retryAfterMs: null,
    });
  });

  test('knows the name, or it never comes', async () => {
    const unknown = await post('https://hooks.example/', {}, { lookup: names([]) });
    assert.equal(unknown.outcome === 'retry' && unknown.why, 'Cannot resolve the host name of the receiver.');
    const silent = await post(
      'https://hooks.example/',
      {},
      { lookup: () => new Promise(() => {}), timeoutMs: 100 },
    );
    assert.equal(silent.outcome === 'retry' && silent.why, 'The receiver did not answer in time.');
  });

  test('contains the URL or the secret', async () => {
    const secret = 'a secret of the receiver';
    const target = parseWebhookTarget('https://hooks.example/T0/B0/s3cret-address', { secret });
    const outcome = await postWebhook(
      target,
      { body: BODY, deliveryId: 'd' },
      { nowMs: NOW, lookup: names([]) },
    );
    const shown = inspect([target, outcome], { depth: 9 }) + JSON.stringify([target, outcome]);
    assert.doesNotMatch(shown, /s3cret-address|a secret of/);
  });
});
