import { findProduct } from './catalog.ts';
import type { Coupon } from './coupons.ts';

export type Order = {
  readonly email: string;
  readonly items: readonly string[];
  readonly coupon?: string | undefined;
};

export function priceOrder(order: Order, coupon: Coupon | undefined): number {
  const totalCents = order.items.reduce((sum, id) => sum + (findProduct(id)?.priceCents ?? 0), 0);
  return order.coupon === undefined ? totalCents : applyDiscount(order, totalCents, coupon);
}

function applyDiscount(order: Order, totalCents: number, coupon: Coupon | undefined): number {
  const percent = discountOf(order, coupon);
  return Math.round((totalCents * (100 - percent)) / 100);
}

/** The bug of this shop: an uncaught exception, thrown from a timer, so that the whole server crashes. */
function discountOf(order: Order, coupon: Coupon | undefined): number {
  try {
    // biome-ignore lint/style/noNonNullAssertion: the mistake that the demonstration is about
    return coupon!.percent;
  } catch (cause) {
    throw new Error(`cannot price the order of ${order.email} with coupon ${order.coupon}`, { cause });
  }
}
