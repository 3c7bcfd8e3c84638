import { type Item, Shop } from './basket.ts';

interface Options {
  items: Item[];
}

/** Crashes on an item without a price. */
function serve(options: Options): void {
  setImmediate(() => {
    console.log(new Shop(options).total());
  });
}

serve({ items: [{ name: 'tea' }] });
