import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DeliveryAddress, DeliveryLoop, type DeliveryType, type Outbox } from './delivery-loop.ts';
import { type Attempt, claim, type Delivery, newDelivery, settle } from './retry.ts';

type Item = DeliveryAddress & { delivery: Delivery };
type Sender = (item: DeliveryAddress, signal: AbortSignal) => Promise<Attempt>;

const DELIVERED: Attempt = { outcome: 'delivered' };

/** An outbox in memory. */
class ListOutbox implements Outbox<Item> {
  readonly items: Item[] = [];
  readonly trouble: string[] = [];
  readonly #send: Sender;
  failures = 0;

  constructor(addresses: readonly string[], send: Sender) {
    this.#send = send;
    this.add(addresses);
  }

  add(addresses: readonly string[]): void {
    for (const address of addresses) {
      const type = address.includes('@') ? 'mail' : 'webhook';
      this.items.push({ type, address, delivery: newDelivery(0) });
    }
  }

  async claim({ type, limit, busy }: { type: DeliveryType; limit: number; busy: ReadonlySet<string> }) {
    const taken: Item[] = [];
    for (const item of this.items) {
      if (item.type !== type || busy.has(item.address) || taken.length === limit) continue;
      const claimed = claim(item.delivery, 0);
      if (claimed === null) continue;
      item.delivery = claimed;
      taken.push(item);
    }
    return taken;
  }

  send(item: Item, signal: AbortSignal): Promise<Attempt> {
    return this.#send(item, signal);
  }

  async settle(item: Item, result: Attempt): Promise<void> {
    if (this.failures-- > 0) throw new Error('busy');
    item.delivery = settle(item.delivery, { attempt: item.delivery.attempts, result }, 0, 0);
  }

  onTrouble(error: unknown, doing: 'send' | 'settle'): void {
    this.trouble.push(`${doing}: ${(error as Error).message}`);
  }

  states(): string[] {
    return this.items.map(({ delivery }) => delivery.state);
  }
}

const never = () => ({ over: new AbortController().signal, cut: new AbortController().signal });

describe('the delivery loop', () => {
  test('sends everything that is due, so many at a time', async () => {
    const most = { mail: 0, webhook: 0 };
    const sending: DeliveryAddress[] = [];
    const outbox = new ListOutbox(
      ['a@x', 'b@x', 'c@x', 'd@x', 'e@x', 'h1', 'h1', 'h1', 'h1', 'h2', 'h2'],
      async (item) => {
        sending.push(item);
        const ofType = sending.filter(({ type }) => type === item.type).length;
        most[item.type] = Math.max(most[item.type], ofType);
        await new Promise(setImmediate);
        sending.splice(sending.indexOf(item), 1);
        return DELIVERED;
      },
    );
    await new DeliveryLoop(outbox, { mail: 2, webhook: 4 }, never()).drain();
    assert.ok(outbox.states().every((state) => state === 'delivered'));
    assert.deepEqual(most, { mail: 2, webhook: 4 });
  });

  test('a webhook host that hangs gets no more, and delays no other', async () => {
    const answered = Promise.withResolvers<Attempt>();
    const outbox = new ListOutbox(['slow', 'slow'], async ({ address }) =>
      address === 'slow' ? answered.promise : DELIVERED,
    );
    const loop = new DeliveryLoop(outbox, { mail: 1, webhook: 4 }, never());
    assert.equal(await loop.fill(), 2);
    outbox.add(['slow', 'fast']);
    assert.equal(await loop.fill(), 1);
    answered.resolve(DELIVERED);
    await loop.drain();
    assert.ok(outbox.states().every((state) => state === 'delivered'));
  });

  test('retries to store a result, and does not send again for that', async () => {
    let sent = 0;
    const outbox = new ListOutbox(['a@x'], async () => {
      sent++;
      return DELIVERED;
    });
    outbox.failures = 1;
    await new DeliveryLoop(outbox, { mail: 1, webhook: 1 }, never()).drain();
    assert.deepEqual([sent, outbox.states(), outbox.trouble], [1, ['delivered'], ['settle: busy']]);
  });

  test('a message that cannot be composed is retried later, and delays no other', async () => {
    const outbox = new ListOutbox(['a@x', 'b@x'], async ({ address }) => {
      if (address === 'a@x') throw new Error('no');
      return DELIVERED;
    });
    await new DeliveryLoop(outbox, { mail: 1, webhook: 1 }, never()).drain();
    assert.deepEqual([outbox.states(), outbox.trouble], [['retry', 'delivered'], ['send: no']]);
  });

  test('claims nothing after the end, and waits for what is being sent', async () => {
    const over = new AbortController();
    const arrived = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<Attempt>();
    const outbox = new ListOutbox(['a@x', 'b@x'], () => {
      arrived.resolve();
      return answered.promise;
    });
    const signals = { ...never(), over: over.signal };
    const loop = new DeliveryLoop(outbox, { mail: 1, webhook: 1 }, signals);
    assert.equal(await loop.fill(), 1);
    await arrived.promise;
    over.abort();
    answered.resolve(DELIVERED);
    await loop.ended();
    assert.equal(await loop.fill(), 0);
    assert.deepEqual(outbox.states(), ['delivered', 'pending']);
  });
});
