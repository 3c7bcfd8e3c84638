/**
 * Which frames say what, after the idea of the lists that Mozilla's Socorro keeps. Names are normalized ones. Part of
 * version 1: see `VERSIONS` in signature.ts before changing anything.
 */

/** What runs because the process ends; frames further in than the outermost of these are not the cause. */
const SENTINELS = [
  /^(?:__restore_rt|__kernel_rt_sigreturn|<signal handler called>|_sigtramp)$/,
  /^(?:gsignal|raise|abort|__abort|__assert_fail|__assert_fail_base|__stack_chk_fail|__fortify_fail|__chk_fail)$/,
  /^(?:malloc_printerr|__libc_message|__libc_fatal|__cxa_throw|__cxa_rethrow|__cxa_call_terminate|__cxa_pure_virtual)$/,
  /^(?:std::terminate|__terminate|std::__throw_\w+|std::__glibcxx_assert_fail)$/,
  /^(?:rust_begin_unwind|__rust_begin_short_backtrace_panic|core::panicking::\w+|std::panicking::\w*panic\w*)$/,
  /^(?:(?:core|std)::(?:option|result)::\w*(?:expect|unwrap)\w*failed|std::process::abort|alloc::alloc::handle_alloc_error)$/,
  /^(?:node::Abort|node::Assert|node::OnFatalError|node::OOMErrorHandler|V8_Fatal|v8::Utils::ReportApiFailure)$/,
];

/** What many crashes share, whosever code it is. */
const IRRELEVANT = [
  // Compiled async functions and modules.
  /^(?:__awaiter|__generator|__async|_asyncToGenerator|asyncGeneratorStep|_next|_throw|fulfilled|rejected)$/,
  /^(?:__webpack_require__|__webpack_exec__|__webpack_modules__|webpackBootstrap|__require|__commonJS|__esm|__init)(?:\.|$)/,
  /^(?:__turbopack_\w+|__vite_\w+|__ssrImport|instantiateModule|getOrInstantiateModule\w*)$/,
  // Where every program begins.
  /^(?:_start|__libc_start_main|__libc_start_main_impl|__libc_start_call_main|start_thread|clone3?|__clone3?)$/,
  /^(?:std::rt::\w+|std::sys::.*|std::panic::.*|core::ops::function::.*|std::thread::.*)$/,
  /^(?:std::__invoke\w*|std::invoke|std::_Function_handler::_M_invoke|std::function::operator\(\))$/,
  // What ends a process, if it was not recognized as such.
  /^(?:__pthread_kill_implementation|pthread_kill|__pthread_kill_internal|_Unwind_\w+|__gxx_personality_\w+)$/,
  /^(?:__gnu_cxx::__verbose_terminate_handler|__cxxabiv1::.*|uw_\w+)$/,
];

/** Says something only together with who called it. */
const PREFIXES = [
  /^JSON\.(?:parse|stringify)$|^decodeURI(?:Component)?$|^RegExp\.|^structuredClone$/,
  /^(?:\w*[eE]mitter\.)?emit$/,
  /^(?:\w+\.)?(?:assert\w*|invariant|fail|die|panic|bail|throw\w*|raise\w*|rethrow\w*|unreachable|must\w*)$/,
  /^(?:\w+\.)?(?:create|make|wrap|to|handle|on)(?:[A-Z]\w*)?Error$|^(?:\w+\.)?(?:fatal|abort|exit|quit|shutdown)$/,
  /^new \w*(?:Error|Exception)$/,
];

/** The same of libraries that come with a language; an app's own function of such a name is nothing special. */
const LIBRARY_PREFIXES = [
  /^(?:malloc|calloc|realloc|free|cfree|reallocarray|posix_memalign|operator (?:new|delete)(?:\[\])?|operator(?:new|delete))$/,
  /^(?:__libc_(?:malloc|free|calloc|realloc)|_int_(?:malloc|free|realloc)|unlink_chunk|tcache_\w+)$/,
  /^(?:mem|str|wcs|wmem)[a-z]{2,8}$|^v?s?n?printf$|^qsort(?:_r)?$|^__vfprintf_internal$|^__cxa_finalize$/,
  /^(?:core::ptr::drop_in_place|core::str::.*|core::slice::.*|alloc::.*|std::collections::.*|core::cell::.*)$/,
  /^std::(?:vector|map|string|__cxx11::basic_string|basic_string|unordered_map|deque|optional|shared_ptr|unique_ptr)::/,
];

/** Packages that stand around other calls and come and go with the settings of an app. */
const INSTRUMENTATION =
  /^(?:@sentry(?:-internal)?\/|@opentelemetry\/|@datadog\/|@newrelic\/|@elastic\/apm)|^(?:dd-trace|newrelic|elastic-apm-node|applicationinsights|require-in-the-middle|import-in-the-middle|zone\.js|source-map-support|shimmer|tslib|@swc\/helpers|@babel\/runtime|regenerator-runtime|async-listener|cls-hooked|continuation-local-storage|express-async-errors)$/;

const SYSTEM =
  /^(?:libc|std|core|alloc|system|unknown|webpack|node|bun|deno|python|php|ruby|perl|java|(?:libc|libm|libpthread|libdl|librt|libstdc\+\+|libc\+\+|libc\+\+abi|libgcc_s|ld-linux[\w-]*|ld-musl[\w-]*|libc\.musl[\w-]*|libasan|libubsan)(?:-[\d.]+)?\.so[.\d]*|\[vdso\])$/;

/** V8 and Node inside their own executable, which may be stripped of the module's name. */
const RUNTIME_NAMES = /^(?:v8::|node::|Builtins_|uv_|uv__|napi_|_register_)/;

const any = (patterns: readonly RegExp[], name: string | null) =>
  name !== null && patterns.some((pattern) => pattern.test(name));

export const isSentinel = (name: string | null): boolean => any(SENTINELS, name);
export const isIrrelevant = (name: string | null): boolean => any(IRRELEVANT, name);
export const isPrefix = (name: string | null): boolean => any(PREFIXES, name);
export const isLibraryPrefix = (name: string | null): boolean => any(LIBRARY_PREFIXES, name);
export const isInstrumentation = (module: string | null): boolean =>
  module !== null && INSTRUMENTATION.test(module.slice(0, 200));
export const isSystem = (module: string): boolean => SYSTEM.test(module.slice(0, 200));
export const isRuntimeName = (name: string | null): boolean => name !== null && RUNTIME_NAMES.test(name);
