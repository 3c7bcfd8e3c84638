import { findProduct } from './catalog.ts';
import { type Coupon, lookUpCoupon } from './coupons.ts';
import { type Order, priceOrder } from './pricing.ts';

export type Receipt = { readonly email: string; readonly totalCents: number };

/** Reads an order from a request's body; an error message if it is invalid. */
export function readOrder(body: string): Order | string {
  let fields: Partial<Order>;
  try {
    fields = Object(JSON.parse(body));
  } catch {
    return 'The body must be JSON.';
  }
  const { email, items, coupon } = fields;
  if (typeof email !== 'string') return 'email is missing.';
  if (!Array.isArray(items) || items.length === 0) return 'items must name products.';
  if (items.some((id) => findProduct(id) === undefined)) return 'There is no such product.';
  return { email, items, coupon: typeof coupon === 'string' ? coupon : undefined };
}

export function checkOut(order: Order, done: (receipt: Receipt) => void): void {
  if (order.coupon === undefined) finish(undefined);
  else lookUpCoupon(order.coupon, finish);

  function finish(coupon: Coupon | undefined): void {
    done({ email: order.email, totalCents: priceOrder(order, coupon) });
  }
}
