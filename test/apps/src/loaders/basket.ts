// Prices of what is in a basket.
export interface Item {
  name: string;
  price?: { cents: number };
}

type Basket = { items: Item[] };

function priceOf(item: Item): number {
  return (item.price as { cents: number }).cents;
}

export class Shop<T extends Basket> {
  readonly basket: T;
  constructor(basket: T) {
    this.basket = basket;
  }

  total(): number {
    let sum = 0;
    for (const item of this.basket.items) sum += priceOf(item);
    return sum;
  }
}
