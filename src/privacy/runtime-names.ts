import { isFormName } from '../model/form-names.ts';
import { isGoErrorType } from '../model/go-error.ts';
import { isNativeErrorType } from '../model/native-error.ts';
import type { Runtime } from '../model/runtime.ts';
import { publicCxxType } from './public-cxx-type.ts';
import { publicFunction, publicModule, publicType } from './public-names.ts';
import { publicNativeFunction } from './public-native.ts';

/**
 * What names of types and functions look like in each language. A name ends before its list of arguments, which can hold
 * values; anything else than a name is null.
 */
type Names = { type: (name: string) => string | null; function: (name: string) => string | null };

const ID = String.raw`[\p{ID_Start}_$][\p{ID_Continue}$]*`;
const MAX_TYPE = 200;
const MAX_FUNCTION = 300;

/** Each pattern is made of parts with separators between them, so that it looks at a character once. */
function names(type: string, name: string): Names {
  const types = new RegExp(`^(?:${type})$`, 'u');
  const functions = new RegExp(`^(?:${name})$`, 'u');
  return {
    type: (text) => (text.length <= MAX_TYPE && types.test(text) ? text : null),
    function: (text) => (text.length <= MAX_FUNCTION && functions.test(text) ? text : null),
  };
}

const SCRIPT: Names = { type: publicType, function: publicFunction };
const DOTTED = String.raw`${ID}(?:\.${ID})*`;
const COLONS = `${ID}(?:::${ID})*`;

/** `block in Shop::Cart#total`, `<class:Cart>`, `Integer#/`, `<top (required)>` */
const RUBY_METHOD = String.raw`(?:${ID}[?!=]?|\[\]=?|[-+!~]@?|[*/%&|^<>]|\*\*|<<|>>|[<>]=|===?|=~|!=|!~|<=>)`;
const RUBY_BODY = String.raw`<(?:main|top \(required\)|singleton class|(?:class|module):${COLONS})>`;
/** `Shop\Cart->total`, `Shop\Cart::make`, `Shop\{closure}`, `{closure:Shop\Cart::total():12}`, `class@anonymous->run` */
const PHP_PART = String.raw`(?:${ID}(?:@anonymous)?|\{main\}|\{closure(?::[\w\\]{1,100}(?:::\w{1,60})?(?:\(\))?:\d{1,6})?\})`;
/** `github.com/acme/shop/cart.(*Cart[...]).Total.func1`, `main.init.0`, `gopkg.in/yaml%2ev3.Unmarshal` */
const GO_PART = String.raw`(?:\(\*?${ID}(?:\[\.\.\.\])?\)|${ID}(?:\[\.\.\.\])?|\d{1,4})`;
const GO_FUNCTION = String.raw`(?:[\w.~-]{1,60}/){0,8}[\w~-]{1,60}(?:%2e[\w-]{1,20})?(?:\.${GO_PART})+(?:-fm|-range\d{1,3})?|panic`;
const GO_TYPE = String.raw`\*{0,2}(?:[\w.~-]{1,60}/){0,8}${DOTTED}(?:\[\.\.\.\])?`;
/** `shop.cart/total`: Clojure's own spelling. Names of the virtual machine's C++ have colons. */
const CLOJURE = String.raw`[a-z][\w.-]{0,100}/[\w*!?<>=+-]{1,60}`;
/** `com.shop.Cart$Item.<init>`, `com.shop.Main$$Lambda/0x0000000800000a00.run`, Kotlin's `total-impl` */
const JAVA_PART = String.raw`(?:[\p{ID_Start}_$][\p{ID_Continue}$-]*(?:/(?:0x[0-9a-f]{1,16}|\d{1,12}))?|<init>|<clinit>)`;
/** ``Shop.List`1.get_Item``, `Shop.Cart.<Total>d__5.MoveNext`, `Program.<Main>$`, `Shop.Cart..ctor`, `Shop.Cart.Total[T]` */
const NET_PART = String.raw`(?:${ID}|<[\w$.]{0,60}>[\w$|]{0,60})(?:${'`'}\d{1,2})?(?:\[[\w.,+ ${'`'}]{1,100}\])?`;
/** `Shop.Cart.total/2`, `:erlang.binary_to_integer/1`, `anonymous fn/1 in Shop.Cart.total/2`, `-total/1-fun-0-/1` */
const ERLANG_NAME = String.raw`(?:${ID}[?!]?|-[\w/.^-]{1,80}-|"-[\w/.^-]{1,80}-")`;
const ERLANG_FUNCTION = String.raw`(?:anonymous fn/\d{1,3} in )?:?(?:${ID}[.:]){0,8}${ERLANG_NAME}(?:/\d{1,3})?`;

const NAMES: Readonly<Record<Runtime, Names>> = {
  node: SCRIPT,
  bun: SCRIPT,
  deno: SCRIPT,
  python: names(
    DOTTED,
    String.raw`(?:${ID}|<(?:module|lambda|locals|listcomp|dictcomp|setcomp|genexpr)>)(?:\.(?:${ID}|<(?:lambda|locals|listcomp|dictcomp|setcomp|genexpr)>))*`,
  ),
  ruby: names(
    COLONS,
    String.raw`(?:(?:block|rescue|ensure)(?: \(\d{1,3} levels\))? in ){0,8}(?:${RUBY_BODY}|(?:${COLONS}[#.])?${RUBY_METHOD})`,
  ),
  perl: names(COLONS, String.raw`${COLONS}|\(eval\)|<main>`),
  php: names(
    String.raw`${ID}(?:\\${ID})*(?:@anonymous)?`,
    String.raw`${PHP_PART}(?:(?:\\|->|::|\.)${PHP_PART})*`,
  ),
  java: names(DOTTED, String.raw`${JAVA_PART}(?:\.${JAVA_PART})*|${COLONS}|${CLOJURE}`),
  dotnet: names(
    String.raw`${ID}(?:[.+]${ID})*(?:${'`'}\d{1,2})?`,
    String.raw`${NET_PART}(?:(?:\.{1,2}|\+)${NET_PART})*`,
  ),
  go: names(GO_TYPE, GO_FUNCTION),
  rust: { type: names(COLONS, '').type, function: publicNativeFunction },
  erlang: names(DOTTED, ERLANG_FUNCTION),
  native: { type: (name) => publicCxxType(name, null), function: publicNativeFunction },
};

/** Texts of runtimes that stand for a type. */
const CONSTANTS: Readonly<Partial<Record<Runtime, (name: string) => boolean>>> = {
  go: isGoErrorType,
  rust: isNativeErrorType,
  native: isNativeErrorType,
};

/** The public name of an exception's type; of a fatal error without one, its form. */
export function publicRuntimeType(name: string, runtime: Runtime): string | null {
  const isConstant = isFormName(name) || CONSTANTS[runtime]?.(name) === true;
  return isConstant ? name : NAMES[runtime].type(name);
}

export function publicRuntimeFunction(name: string, runtime: Runtime): string | null {
  return NAMES[runtime].function(name);
}

/** The name of a package: also `guzzlehttp/guzzle`, `github.com/lib/pq`. */
export function publicLibrary(name: string, runtime: Runtime): string | null {
  if (runtime === 'node') return publicModule(name);
  return name.length <= 214 && /^@?[\w.~-]+(?:\/[\w.~-]+){0,7}$/.test(name) ? name : null;
}
