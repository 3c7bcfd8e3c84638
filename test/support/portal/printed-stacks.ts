import type { Language } from '../../../src/formats/printed-stack/line-parsers.ts';

export type PrintedStack = {
  language: Language;
  /** As runtimes call the type. */
  type: string;
  /** The stack as the runtime prints it, with the message in it. */
  text: (message: string) => string;
  /** What of it may be known: `function file:line [module]`, innermost first. */
  calls: readonly string[];
  /** Each with its type before its calls. */
  causes: readonly (readonly string[])[];
};

/** Uncaught exceptions of seven languages, each with paths and arguments that are private. */
export const PRINTED_STACKS: readonly PrintedStack[] = [
  {
    language: 'nodejs',
    type: 'CartError',
    text: (message) => `CartError: ${message}
    at Cart.total (/home/alice/shop/src/cart.js:12:7)
    at async checkout (file:///home/alice/shop/src/checkout.mjs:40:3)
    at Layer.handle [as handle_request] (/home/alice/shop/node_modules/express/lib/router/layer.js:95:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  code: 'ECART',
  [cause]: Error: ${message}
      at connect (/home/alice/shop/src/database.js:3:9)
}`,
    calls: [
      'Cart.total …/cart.js:12',
      'async checkout …/checkout.mjs:40',
      'Layer.handle [as handle_request] node_modules/express/lib/router/layer.js:95 [express]',
      'process.processTicksAndRejections node:internal/process/task_queues:105 [node]',
    ],
    causes: [['Error', 'connect …/database.js:3']],
  },
  {
    language: 'python',
    type: 'shop.errors.CartError',
    text: (message) => `Traceback (most recent call last):
  File "/home/alice/shop/database.py", line 3, in connect
    raise OSError("${message.replaceAll('\n', '\\n')}")
OSError: ${message}

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/alice/shop/venv/lib/python3.12/site-packages/flask/app.py", line 1473, in wsgi_app
    response = self.full_dispatch_request()
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/home/alice/shop/cart.py", line 12, in total
    raise CartError("${message.replaceAll('\n', '\\n')}")
shop.errors.CartError: ${message}`,
    calls: ['total …/cart.py:12', 'wsgi_app …/app.py:1473 [flask]'],
    causes: [['OSError', 'connect …/database.py:3']],
  },
  {
    language: 'java',
    type: 'com.shop.CartException',
    text: (message) => `com.shop.CartException: ${message}
\tat com.shop.Cart.total(Cart.java:12)
\tat com.shop.Checkout.lambda$run$0(Checkout.java:40)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1596)
\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(Unknown Source)
Caused by: java.io.IOException: ${message}
\tat com.shop.Database.<init>(Database.java:3)
\t... 4 more`,
    calls: [
      'com.shop.Cart.total Cart.java:12',
      'com.shop.Checkout.lambda$run$0 Checkout.java:40',
      'java.util.ArrayList.forEach ArrayList.java:1596 [java]',
      'jdk.internal.reflect.DirectMethodHandleAccessor.invoke -:- [java]',
    ],
    causes: [['java.io.IOException', 'com.shop.Database.<init> Database.java:3']],
  },
  {
    language: 'go',
    type: '*cart.PriceError',
    text: (message) => `panic: ${message.replaceAll('\n', '\n\t')}

goroutine 1 [running]:
github.com/shop/cart.(*Cart).Total(0xc000012345, {0x4b1f2e, 0x5})
\t/home/alice/shop/cart/cart.go:12 +0x1d
main.main.func1.1(...)
\t/home/alice/shop/main.go:40
net/http.HandlerFunc.ServeHTTP(0xc0000b2000?, {0x7a3f48?, 0xc0000d4000?}, 0x0?)
\t/usr/local/go/src/net/http/server.go:2136 +0x29
created by main.main in goroutine 1
\t/home/alice/shop/main.go:38 +0x9c

goroutine 18 [chan receive]:
main.wait()
\t/home/alice/shop/wait.go:9 +0x44
exit status 2`,
    calls: [
      'github.com/shop/cart.(*Cart).Total …/cart.go:12',
      'main.main.func1.1 …/main.go:40',
      'net/http.HandlerFunc.ServeHTTP …/server.go:2136 [go]',
      'main.main …/main.go:38',
    ],
    causes: [],
  },
  {
    language: 'dotnet',
    type: 'Shop.CartException',
    text: (message) => `Shop.CartException: ${message}
 ---> System.IO.IOException: ${message}
   at Shop.Database..ctor(String url) in /home/alice/shop/Database.cs:line 3
   --- End of inner exception stack trace ---
   at Shop.Cart.<TotalAsync>d__5.MoveNext() in /home/alice/shop/Cart.cs:line 12
--- End of stack trace from previous location ---
   at Shop.Checkout.<>c__DisplayClass2_0.<Run>b__1(Int32 id) in C:\\Users\\alice\\shop\\Checkout.cs:line 40
   at System.Collections.Generic.List\`1.ForEach(Action\`1 action)`,
    calls: [
      'Shop.Cart.<TotalAsync>d__5.MoveNext …/Cart.cs:12',
      'Shop.Checkout.<>c__DisplayClass2_0.<Run>b__1 …/Checkout.cs:40',
      'System.Collections.Generic.List`1.ForEach -:- [system]',
    ],
    causes: [['System.IO.IOException', 'Shop.Database..ctor …/Database.cs:3']],
  },
  {
    language: 'ruby',
    type: 'Shop::CartError',
    text: (message) => `/home/alice/shop/cart.rb:12:in 'Shop::Cart#total': ${message} (Shop::CartError)
\tfrom /home/alice/shop/checkout.rb:40:in 'block in Shop::Checkout#run'
\tfrom /home/alice/.gem/ruby/3.4.0/gems/rack-3.1.8/lib/rack/builder.rb:219:in 'Rack::Builder#call'
\tfrom /home/alice/shop/config.ru:3:in '<main>'`,
    calls: [
      'Shop::Cart#total …/cart.rb:12',
      'block in Shop::Checkout#run …/checkout.rb:40',
      'Rack::Builder#call …/builder.rb:219 [rack]',
      '<main> …/config.ru:3',
    ],
    causes: [],
  },
  {
    language: 'php',
    type: 'Shop\\CartException',
    text: (message) => `Shop\\CartException: ${message} in /home/alice/shop/src/Cart.php:12
Stack trace:
#0 /home/alice/shop/src/Checkout.php(40): Shop\\Cart->total('${message.slice(0, 15)}...', Object(Shop\\User))
#1 /home/alice/shop/vendor/slim/slim/Slim/App.php(204): Shop\\Checkout::{closure}(Array)
#2 [internal function]: Shop\\Checkout->run()
#3 {main}
  thrown in /home/alice/shop/src/Cart.php on line 12`,
    calls: [
      'Shop\\Cart->total …/Cart.php:12',
      'Shop\\Checkout::{closure} …/Checkout.php:40',
      'Shop\\Checkout->run …/App.php:204 [slim/slim]',
      '{main} -:-',
    ],
    causes: [],
  },
];
