export type Product = { readonly id: string; readonly name: string; readonly priceCents: number };

const PRODUCTS: readonly Product[] = [
  { id: 'kettle', name: 'Kettle', priceCents: 3_900 },
  { id: 'teapot', name: 'Teapot for two', priceCents: 2_450 },
  { id: 'cup', name: 'Cup, hand-made', priceCents: 1_200 },
];

export function allProducts(): readonly Product[] {
  return PRODUCTS;
}

export function findProduct(id: string): Product | undefined {
  return PRODUCTS.find((product) => product.id === id);
}
