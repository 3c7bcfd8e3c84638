export type Coupon = { readonly code: string; readonly percent: number };

const COUPONS = new Map<string, Coupon>([
  ['WELCOME10', { code: 'WELCOME10', percent: 10 }],
  ['SUMMER25', { code: 'SUMMER25', percent: 25 }],
]);

/** Looks up a coupon asynchronously, like a remote service. */
export function lookUpCoupon(code: string, found: (coupon: Coupon | undefined) => void): void {
  setTimeout(() => found(COUPONS.get(code)), 5);
}
