/** The only words that a frame of Node's own code can have: seen in stacks of Node 18 to 26. No file can vouch for them. */
export const NODE_WORDS: ReadonlySet<string> = new Set(
  (
    '__node_internal_ __proto__ _addListener _compile _destroy _extensions _fatalException _handle _instantiate _link _listen2 _load ' +
    '_normalWrite _onLine _onTimeout _resolveFilename _storeHeader _write abort AbortSignal abortSignal accessSync addChunk ' +
    'addListener afterConnect afterConnectMultiple afterLoad afterWrite afterWriteTick alloc appendHeader assertSize ' +
    'asyncInstantiate AsyncLocalStorage AsyncResource asyncRunEntryPointWithESMLoader atob basename Blob bound boundsError ' +
    'Buffer byteLength cachedDefaultResolve calculateStartDuration callback callbackTrampoline callFinal CB Channel chdir ' +
    'check checkExecSyncError checkListener ChildProcess ClientHttp2Stream ClientRequest close codedTypeError ' +
    'compileSourceTextModule computed concat configSecureContext connect connectionListener console copyFileSync createCipherBase ' +
    'createCipherWithIV createDecipheriv createHash createHmac createInterface createReadStream createRequire ' +
    'createSecureContext createServer createSocket Decipheriv decode defaultImportModuleDynamicallyForScript defaultResolve ' +
    'defaultResolveImpl defaultResolveImplForCJSLoading destroy dirname dispatchEvent doEmitWarning doListen DOMException ' +
    'EcKeyPairGenJob emit emitCloseNT emitErrorCloseNT emitErrorEvent emitErrorNT emitFreeNT emitListeningNT emitMessage ' +
    'emitUnhandledRejection emitWarning end endFn endReadableNT errorRequest errors evalFunction evalScript EventEmitter ' +
    'EventTarget exception execFileSync execSync executeUserEntryPoint exithandler exports Fetch fetch fileURLToPath fill ' +
    'final finalizeResolution finish finishMaybe flow flushEndCallbacks format formatValue formatWithOptions ' +
    'formatWithOptionsInternal from FSEvent FSReqCallback FSWatcher Function genericNodeError GetAddrInfoReqWrap getDirents ' +
    'getMark getModuleJob getModuleJobForImport getOrCreateModuleJob Gunzip Gzip handleMainPromise Hash Headers Hmac hrtime ' +
    'Http2Server Http2ServerRequest Http2Stream HTTPParser Immediate import importModuleDynamically ' +
    'importModuleDynamicallyCallback importModuleDynamicallyWrapper IncomingMessage inspect instantiate Interface ' +
    'InterfaceConstructor internal internalConnect internalConnectMultiple invalidArgument job join js kFormatForStdout ' +
    'kHybridDispatch kill kOnErrorMessage kOnExit kOnMessage link listen listenInCluster listOnTimeout load ' +
    'loadAndTranslate loadESM log LOOP lookup lookupAndConnect lstatSync makeException mark maybeClose measure MessagePort ' +
    'mkdirSync Module ModuleJob ModuleLoader moduleProvider moduleResolve moduleStrategy newHandle nextTick NodeError ' +
    'nodejs normalizeEncoding normalizeSpawnArguments onAborted onceWrapper onchange onclose oncomplete onConnectEnd ' +
    'onconnection onConnectSecure ondata ondone onend onError onErrorNT onexit onFinish onHttpSocketEnd onImport onJobDone ' +
    'onListening onlookup onlookupall onMessage onParserExecuteCommon onresolve onServerStream onSocketClose onSocketEnd ' +
    'onSocketNT onStreamData onStreamRead onwrite openSync parse parserOnBody parserOnHeadersComplete parserOnIncoming ' +
    'parserOnIncomingClient PBKDF2Job pbkdf2Sync Performance Pipe PipeConnectWrap pipeline popCallback prefinish ' +
    'prepareSecretKey Process process processCallback processChunkSync processHeader processImmediate ' +
    'processPromiseRejections processTicksAndRejections processTimers promisify publish push QueryReqWrap queueMicrotask ' +
    'randomBytes RandomBytesJob read Readable readableAddChunk readableAddChunkPushByteMode readdirSync readFileAfterClose ' +
    'readFileAfterOneShot ReadFileJob readFileSync ReadStream readUInt32LE renameSync req Request request require resolve ' +
    'resolveAndMaybeBlockOnLoaderThread resolveForCJSWithHooks ResolverBase resolveSync resume_ rmSync run runAbort ' +
    'runEntryPointWithESMLoader runInAsyncScope runInContext runInNewContext runInThisContext runMain runMicrotask ' +
    'runMicrotasks runNextTicks runScript runScriptInContext runScriptInThisContext Script ScryptJob scryptSync Server ' +
    'ServerHttp2Session ServerHttp2Stream ServerResponse sessionOnStream setCerts setHeader setImmediate setKey ' +
    'setSecureContext setTimeout setuid setupListenHandle Sign sign Signal Socket socketCloseListener socketErrorListener ' +
    'socketOnData socketOnEnd socketOnError spawn spawnSync startListening statSync StatWatcher storeHeader Stream ' +
    'strictUnhandledRejectionsMode StringDecoder structuredClone syncBufferWrapper syncLink TCP TCPConnectWrap terminate ' +
    'TextDecoder throwUnhandledRejectionsMode tickOnSocket Timeout TLSSocket TLSWrap tracePromise traceSync TracingChannel ' +
    'Transform translate triggerUncaughtException UDP unlinkSync update URL Url urlParse URLSearchParams validatePort ' +
    'validateString value verifyOneShot webidl Worker wrapModuleLoad wrappedChdir wrappedFn wrapper wrapResolveFilename ' +
    'wrapSafe Writable WritableState write write_ writeFileSync writeHead writeOrBuffer WriteStream writeU_Int8 writeUInt8 ' +
    'Zlib zlibBufferOnEnd zlibBufferOnError zlibBufferSync zlibOnError'
  ).split(' '),
);

/** The only files that such a frame can name. */
export const NODE_FILES: ReadonlySet<string> = new Set(
  (
    'node:_http_client node:_http_common node:_http_incoming node:_http_outgoing node:_http_server node:_tls_common ' +
    'node:_tls_wrap node:async_hooks node:buffer node:child_process node:crypto node:dgram node:diagnostics_channel ' +
    'node:dns node:events node:fs node:http node:https node:internal/abort_controller node:internal/async_hooks ' +
    'node:internal/async_local_storage/async_context_frame node:internal/async_local_storage/async_hooks node:internal/blob ' +
    'node:internal/bootstrap/node node:internal/bootstrap/switches/does_own_process_state node:internal/buffer ' +
    'node:internal/child_process node:internal/console/constructor node:internal/crypto/cipher node:internal/crypto/hash ' +
    'node:internal/crypto/keygen node:internal/crypto/keys node:internal/crypto/pbkdf2 node:internal/crypto/random ' +
    'node:internal/crypto/scrypt node:internal/crypto/sig node:internal/deps/undici/undici node:internal/dgram ' +
    'node:internal/dns/callback_resolver node:internal/encoding node:internal/errors node:internal/event_target ' +
    'node:internal/fs/read/context node:internal/fs/read_file_context node:internal/fs/rimraf node:internal/fs/streams ' +
    'node:internal/fs/utils node:internal/fs/watchers node:internal/http2/compat node:internal/http2/core ' +
    'node:internal/main/run_main_module node:internal/modules/cjs/loader node:internal/modules/esm/loader ' +
    'node:internal/modules/esm/module_job node:internal/modules/esm/resolve node:internal/modules/esm/translators ' +
    'node:internal/modules/esm/utils node:internal/modules/helpers node:internal/modules/run_main ' +
    'node:internal/per_context/domexception node:internal/per_context/messageport node:internal/perf/performance ' +
    'node:internal/perf/usertiming node:internal/process/esm_loader node:internal/process/execution ' +
    'node:internal/process/per_thread node:internal/process/promises node:internal/process/task_queues ' +
    'node:internal/process/warning node:internal/readline/interface node:internal/stream_base_commons ' +
    'node:internal/streams/destroy node:internal/streams/end-of-stream node:internal/streams/pipeline ' +
    'node:internal/streams/readable node:internal/streams/transform node:internal/streams/writable ' +
    'node:internal/structured_clone node:internal/timers node:internal/tls/common node:internal/tls/secure-context ' +
    'node:internal/tls/wrap node:internal/url node:internal/util node:internal/util/inspect node:internal/validators ' +
    'node:internal/vm node:internal/vm/module node:internal/webidl node:internal/worker ' +
    'node:internal/worker/js_transferable node:net node:path node:readline node:string_decoder node:timers node:url node:vm ' +
    'node:zlib'
  ).split(' '),
);
