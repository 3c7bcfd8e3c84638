import type { Runtime } from '../model/runtime.ts';

/** The name of an exception's type with dots between its parts, as signatures have it: `Shop::CartError` → `Shop.CartError`. */
export function dottedType(type: string): string {
  return type.replace(/^[*&\\]+/, '').replaceAll(/::|\\|\//g, '.');
}

/** A function's name as signatures have it: dots between its parts, without what compilers add or versions change. */
export function dottedFunction(name: string, runtime: Runtime): string {
  return DOTTED[runtime]?.(name) ?? name;
}

const DOTTED: Readonly<Partial<Record<Runtime, (name: string) => string>>> = {
  /** `github.com/shop/cart.(*Cart[...]).Total.func1` → `cart.Cart.Total.func1` */
  go: (name) =>
    name
      .slice(name.lastIndexOf('/') + 1)
      .replaceAll(/[()*]|\[[^\]]*\]/g, '')
      .replaceAll(/\.(?=\d)/g, '.func')
      .replaceAll('-', '_'),
  /** `Shop.Cart.<Total>d__5.MoveNext`, `Shop.Cart.<>c.<Total>b__1` → `Shop.Cart.Total` */
  dotnet: (name) =>
    name
      .replaceAll(/`\d{1,3}|\[[^\]]*\]/g, '')
      .replaceAll(/\.<>c(?:__\w+)?(?=\.)/g, '')
      .replace(/<(\w+)>[a-z]__[\w|]+(?:\.MoveNext)?$/, '$1'),
  /** `block (2 levels) in Shop::Cart#total` → `Shop.Cart.total` */
  ruby: (name) =>
    name.replace(/^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+/, '').replaceAll(/::|#/g, '.'),
  php: (name) => name.replaceAll(/->|::|\\/g, '.').replace(/\{(closure|main)\}/, '<$1>'),
  perl: (name) => name.replaceAll('::', '.'),
  /** `com.shop.Cart.lambda$total$0` → `com.shop.Cart.total`, `com.shop.Main$$Lambda/0x7f00.run` → `com.shop.Main.run` */
  java: (name) =>
    name
      .replaceAll(/\$\$Lambda[^.]*/g, '')
      .replace(/(?:lambda|\$anonfun)\$(\w+?)\$\d+$/, '$1')
      .replaceAll(/\$\d+(?=[.$]|$)/g, ''),
  /** `anonymous fn/1 in Shop.Cart.total/2`, `Shop.Cart.-total/2-fun-0-/1` → `Shop.Cart.total/2` */
  erlang: (name) =>
    name
      .replace(/^anonymous fn\/\d+ in /, '')
      .replace(/"?-(\w+\/\d+)-[\w/.^-]*-"?(?:\/\d+)?$/, '$1')
      .replace(/^:/, ''),
  rust: (name) => name.replace(/::h[0-9a-f]{16}$/, '').replaceAll(/::\{\{closure\}\}/g, ''),
};
