// Made of src/probe/ by `npm run build:probe`; change it there.
"use strict";
var __getOwnPropNames = Object.getOwnPropertyNames;
var __commonJS = (cb, mod) => function __require() {
  try {
    return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
  } catch (e) {
    throw mod = 0, e;
  }
};

// same-file.cjs
var require_same_file = __commonJS({
  "same-file.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    function isSameFile(name, file) {
      if (name === file) return true;
      try {
        return typeof name === "string" && fs.realpathSync(name) === file;
      } catch {
        return false;
      }
    }
    module2.exports = { isSameFile };
  }
});

// forget.cjs
var require_forget = __commonJS({
  "forget.cjs"(exports2, module2) {
    "use strict";
    var isSameFile = require_same_file().isSameFile;
    function forget(entry, folder) {
      const names = Object.keys(require.cache);
      for (let i = 0; i < names.length; i++) {
        if (names[i].startsWith(`${folder}/`)) delete require.cache[names[i]];
      }
      const parent = entry.parent;
      const index = parent && parent.children ? parent.children.indexOf(entry) : -1;
      if (index !== -1) parent.children.splice(index, 1);
      const descriptor = Object.getOwnPropertyDescriptor(process, "_preload_modules");
      if (descriptor && descriptor.configurable && Array.isArray(descriptor.value)) {
        const at = descriptor.value.findIndex((name) => isSameFile(name, entry.filename));
        if (at === -1) return;
        descriptor.value = descriptor.value.filter((_, i) => i !== at);
        Object.defineProperty(process, "_preload_modules", descriptor);
      }
    }
    module2.exports = { forget };
  }
});

// environment.cjs
var require_environment = __commonJS({
  "environment.cjs"(exports2, module2) {
    "use strict";
    var isSameFile = require_same_file().isSameFile;
    function leaveOurEnvironment(probeFile) {
      delete process.env.CRASHMON_PROBE_DIR;
      delete process.env.CRASHMON_PROBE_FIFO;
      const before = process.env.NODE_OPTIONS;
      if (before === void 0) return;
      const after = withoutRequireOf(before, (name) => isSameFile(name, probeFile));
      if (after === "") delete process.env.NODE_OPTIONS;
      else if (after !== before) process.env.NODE_OPTIONS = after;
    }
    function withoutRequireOf(options, isOurs) {
      const words = split(options);
      for (let i = 0; i < words.length; i++) {
        const word = words[i];
        const next = words[i + 1];
        let end = -1;
        if ((word.text === "--require" || word.text === "-r") && next && isOurs(next.text)) end = next.end;
        else if (word.text.startsWith("--require=") && isOurs(word.text.slice(10))) end = word.end;
        if (end === -1) continue;
        if (options[end] === " ") return options.slice(0, word.start) + options.slice(end + 1);
        return options.slice(0, word.start).replace(/ $/, "");
      }
      return options;
    }
    function split(options) {
      const words = [];
      let word = null;
      let quoted = false;
      for (let i = 0; i < options.length; i++) {
        let c = options[i];
        if (c === " " && !quoted) {
          word = null;
          continue;
        }
        if (word === null) {
          word = { text: "", start: i, end: i };
          words.push(word);
        }
        if (c === '"') {
          quoted = !quoted;
          c = "";
        } else if (c === "\\" && quoted && i + 1 < options.length) {
          i++;
          c = options[i];
        }
        word.text += c;
        word.end = i + 1;
      }
      return words;
    }
    module2.exports = { leaveOurEnvironment, withoutRequireOf };
  }
});

// wrapper-script.cjs
var require_wrapper_script = __commonJS({
  "wrapper-script.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var path = require("path");
    var STARTS = "starts the worker as a child";
    var READS = "reads the output of a worker: `node server.js | pino-pretty`";
    var WRAPPERS = {
      npm: [STARTS],
      npx: [STARTS],
      pnpm: [STARTS],
      "@pnpm/exe": [STARTS],
      yarn: [STARTS],
      "@yarnpkg/cli": [STARTS],
      "@yarnpkg/cli-dist": [STARTS],
      corepack: [STARTS],
      "npm-run-all": [STARTS],
      "npm-run-all2": [STARTS],
      concurrently: [STARTS],
      wireit: [STARTS],
      turbo: [STARTS],
      nx: [STARTS],
      lerna: [STARTS],
      "@microsoft/rush": [STARTS],
      "start-server-and-test": [STARTS],
      "cross-env": [STARTS],
      "env-cmd": [STARTS],
      "dotenv-cli": [STARTS],
      "@dotenvx/dotenvx": [STARTS],
      "@dotenv-run/cli": [STARTS],
      nodemon: [STARTS],
      "node-dev": [STARTS],
      "ts-node-dev": [STARTS, /\/wrap\.js$/],
      "tsc-watch": [STARTS],
      onchange: [STARTS],
      "chokidar-cli": [STARTS],
      supervisor: [STARTS],
      foreman: [STARTS],
      forever: [STARTS],
      "forever-monitor": [STARTS],
      pm2: [STARTS, /\/ProcessContainer\w*\.js$/],
      tsx: [STARTS],
      esno: [STARTS],
      "@babel/node": [STARTS, /\/_babel-node\.js$/],
      "@nestjs/cli": [STARTS],
      "react-scripts": [STARTS],
      nyc: [STARTS],
      c8: [STARTS],
      "0x": [STARTS],
      clinic: [STARTS],
      autocannon: ["measures a worker, or starts one as a child"],
      "pino-pretty": [READS],
      "pino-colada": [READS],
      "pino-elasticsearch": [READS],
      "pino-socket": [READS],
      bunyan: [READS],
      "roarr-cli": [READS],
      "@roarr/cli": [READS]
    };
    var YARN_RELEASE = /\/\.yarn\/releases\/yarn-[^/]*\.[cm]?js$/;
    var COREPACK = /\/corepack\/(?:v\d+\/)?(?:npm|pnpm|yarn)\/\d[^/]*\//;
    var PACKAGE = /^.*\/(?:node_modules|usr\/share\/nodejs)\/((?:@[^/]+\/)?[^/]+)\//;
    var MAX_PACKAGE_BYTES = 1024 * 1024;
    function isWrapperScript(script) {
      if (YARN_RELEASE.test(script) || COREPACK.test(script)) return true;
      const match = PACKAGE.exec(script);
      const name = match === null ? commandOf(script) : match[1];
      if (name === void 0 || !Object.hasOwn(WRAPPERS, name)) return false;
      const runsTheApp = WRAPPERS[name][1];
      return runsTheApp === void 0 || !runsTheApp.test(script);
    }
    function commandOf(script) {
      let folder = path.dirname(script);
      for (let depth = 0; depth < 16; depth++) {
        const { name, bin } = readPackage(`${folder}/package.json`);
        if (typeof name === "string") {
          const files = typeof bin === "object" && bin !== null ? Object.values(bin) : [bin];
          const isCommand = files.some(
            (file) => typeof file === "string" && path.resolve(folder, file) === script
          );
          return isCommand ? name : void 0;
        }
        const parent = path.dirname(folder);
        if (parent === folder) return void 0;
        folder = parent;
      }
      return void 0;
    }
    function readPackage(file) {
      let fd;
      try {
        const found = fs.statSync(file, { throwIfNoEntry: false });
        if (found === void 0 || !found.isFile()) return {};
        fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
        const { size } = fs.fstatSync(fd);
        if (size > MAX_PACKAGE_BYTES) return {};
        const bytes = Buffer.alloc(size);
        const value = JSON.parse(bytes.toString("utf8", 0, fs.readSync(fd, bytes, 0, size, 0)));
        return typeof value === "object" && value !== null ? value : {};
      } catch {
        return {};
      } finally {
        if (fd !== void 0) fs.closeSync(fd);
      }
    }
    module2.exports = { isWrapperScript };
  }
});

// wrappers.cjs
var require_wrappers = __commonJS({
  "wrappers.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var { isWrapperScript } = require_wrapper_script();
    function isWrapper() {
      const flags = process.execArgv;
      if (flags.includes("--test") && process.env.NODE_TEST_CONTEXT === void 0) return true;
      for (const flag of ["-p", "--print", "-pe", "-c", "--check"]) if (flags.includes(flag)) return true;
      const code = (
        /** @type {any} */
        process._eval
      );
      if (typeof code === "string" && code.includes("foreground-child watchdog")) return true;
      if (process.argv[1] === void 0 || code !== void 0) return false;
      return isWrapperScript(realPath(process.argv[1]));
    }
    function realPath(file) {
      try {
        return fs.realpathSync(file);
      } catch {
        return file;
      }
    }
    module2.exports = { isWrapper };
  }
});

// record-fifo.cjs
var require_record_fifo = __commonJS({
  "record-fifo.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var open = fs.openSync;
    var write = fs.writeSync;
    var close = fs.closeSync;
    var pid = process.pid;
    var FLAGS = fs.constants.O_WRONLY | fs.constants.O_NONBLOCK;
    var PIECE_BYTES = 4e3;
    var MAX_PIECES = 15;
    function createRecordFifo(path) {
      let next = 0;
      send(path, [Buffer.from(`c ${pid}
`)]);
      return {
        /** @param {string} text */
        add(text) {
          const bytes = Buffer.from(text);
          const count = Math.ceil(bytes.length / PIECE_BYTES);
          if (count > MAX_PIECES) throw new RangeError("too long");
          const lines = [];
          for (let n = 0; n < count; n++) {
            const piece = bytes.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES);
            lines.push(Buffer.concat([Buffer.from(`r ${pid} ${next} ${n} ${count} `), piece, Buffer.from("\n")]));
          }
          next++;
          send(path, lines);
        }
      };
    }
    function send(path, lines) {
      const fd = open(path, FLAGS);
      try {
        for (let n = 0; n < lines.length; n++) write(fd, lines[n]);
      } finally {
        close(fd);
      }
    }
    module2.exports = { createRecordFifo };
  }
});

// record-files.cjs
var require_record_files = __commonJS({
  "record-files.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var open = fs.openSync;
    var write = fs.writeSync;
    var close = fs.closeSync;
    var rename = fs.renameSync;
    var unlink = fs.unlinkSync;
    var exists = fs.existsSync;
    var fstat = fs.fstatSync;
    var MAX_RECORDS = 10;
    function createRecordFiles(dir) {
      const nameOf = (n) => `${dir}/record-${n}.json`;
      let next = 0;
      while (next < MAX_RECORDS && exists(nameOf(next))) next++;
      const reserveName = `${dir}/reserve.json`;
      let reserve = open(reserveName, "w", 384);
      return {
        /** @param {string} text */
        add(text) {
          if (next === MAX_RECORDS) {
            for (let n = 1; n < MAX_RECORDS; n++) rename(nameOf(n), nameOf(n - 1));
            next = MAX_RECORDS - 1;
          }
          const name = nameOf(next);
          let fd;
          try {
            fd = open(name, "wx", 384);
          } catch (error) {
            if (reserve === -1 || error.code === "EEXIST") throw error;
            fd = reserve;
            reserve = -1;
            rename(reserveName, name);
          }
          try {
            writeAll(fd, text);
          } catch (error) {
            unlink(name);
            throw error;
          } finally {
            close(fd);
          }
          next++;
        }
      };
    }
    function writeAll(fd, text) {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += write(fd, bytes, done);
    }
    function stderrOffset() {
      try {
        const stat = fstat(2);
        return stat.isFile() ? stat.size : null;
      } catch {
        return null;
      }
    }
    module2.exports = { createRecordFiles, stderrOffset };
  }
});

// to-json.cjs
var require_to_json = __commonJS({
  "to-json.cjs"(exports2, module2) {
    "use strict";
    var quote = JSON.stringify;
    var isArray = Array.isArray;
    var keysOf = Object.keys;
    module2.exports = function toJson(value) {
      if (typeof value === "string") return quote(value);
      if (typeof value === "number") return Number.isFinite(value) ? `${value}` : "null";
      if (typeof value === "boolean") return value ? "true" : "false";
      if (typeof value !== "object" || value === null) return "null";
      let text = "";
      if (isArray(value)) {
        for (let i = 0; i < value.length; i++) text += (i === 0 ? "" : ",") + toJson(value[i]);
        return `[${text}]`;
      }
      const keys = keysOf(value);
      for (let i = 0; i < keys.length; i++) {
        text += `${i === 0 ? "" : ","}${quote(keys[i])}:${toJson(value[keys[i]])}`;
      }
      return `{${text}}`;
    };
  }
});

// error-settings.cjs
var require_error_settings = __commonJS({
  "error-settings.cjs"(exports2, module2) {
    "use strict";
    var descriptorOf = Object.getOwnPropertyDescriptor;
    var define = Object.defineProperty;
    var ErrorClass = (
      /** @type {any} */
      Error
    );
    function withErrorSetting(key, value, work) {
      const before = descriptorOf(ErrorClass, key);
      if (before && before.writable) {
        ErrorClass[key] = value;
        try {
          return work();
        } finally {
          ErrorClass[key] = before.value;
        }
      }
      if (before ? !before.configurable || !("value" in before) : !Object.isExtensible(ErrorClass))
        return void 0;
      define(ErrorClass, key, { value, writable: true, enumerable: true, configurable: true });
      try {
        return work();
      } finally {
        if (before) define(ErrorClass, key, before);
        else delete ErrorClass[key];
      }
    }
    module2.exports = { withErrorSetting };
  }
});

// script-hashes.cjs
var require_script_hashes = __commonJS({
  "script-hashes.cjs"(exports2, module2) {
    "use strict";
    var stat = require("fs").statSync;
    var FileUrl = URL;
    var MAX_BYTES = 524288;
    function createHashes() {
      const known = /* @__PURE__ */ new Map();
      let bytesLeft = MAX_BYTES;
      return (site, file) => {
        if (file === null || !(file.startsWith("/") || file.startsWith("file:"))) return null;
        let hash = known.get(file);
        if (hash !== void 0) return hash;
        hash = null;
        try {
          const { size } = stat(file.startsWith("/") ? file : new FileUrl(file));
          if (size <= bytesLeft && typeof site.getScriptHash === "function") {
            bytesLeft -= size;
            const text = site.getScriptHash();
            if (/^[0-9a-f]{64}$/.test(text)) hash = text;
          }
        } catch {
        }
        known.set(file, hash);
        return hash;
      };
    }
    module2.exports = { createHashes };
  }
});

// call-sites.cjs
var require_call_sites = __commonJS({
  "call-sites.cjs"(exports2, module2) {
    "use strict";
    var withErrorSetting = require_error_settings().withErrorSetting;
    var createHashes = require_script_hashes().createHashes;
    var captureStackTrace = Error.captureStackTrace;
    var MAX_FRAMES = 200;
    var MAX_NAME = 512;
    var MAX_FILE = 4096;
    function callSitesBelow(below, limit) {
      let sites = null;
      const holder = {};
      withErrorSetting(
        "stackTraceLimit",
        limit,
        () => withErrorSetting(
          "prepareStackTrace",
          (error, structured) => {
            if (error === holder) sites = structured;
            return "";
          },
          () => {
            captureStackTrace(holder, below);
            return holder.stack;
          }
        )
      );
      return sites;
    }
    function framesOf(sites) {
      const frames = [];
      const hashOf = createHashes();
      for (let i = 0; i < sites.length && i < MAX_FRAMES; i++) {
        const frame = frameOf(sites[i]);
        const scriptHash = frame.line === null ? null : hashOf(sites[i], frame.file);
        frames[i] = scriptHash === null ? frame : Object.assign(frame, { scriptHash });
      }
      return frames;
    }
    function textOf(sites) {
      let text = "";
      for (let i = 0; i < sites.length; i++) text += `
    at ${ask(sites[i], "toString")}`;
      return text;
    }
    function frameOf(site) {
      const text = ask(site, "toString") || "";
      const promise = text.startsWith("async Promise.") ? PROMISE_FRAME.exec(text) : null;
      const wasm = promise ? null : wasmPlaceOf(text);
      if (wasm) return Object.assign(wasm, { function: cut(functionOf(site), MAX_NAME), async: false });
      return {
        function: promise ? promise[1] : cut(functionOf(site), MAX_NAME),
        file: promise ? null : cut(fileOf(site), MAX_FILE),
        line: promise ? null : positive(ask(site, "getLineNumber")),
        column: promise ? null : positive(ask(site, "getColumnNumber")),
        async: ask(site, "isAsync") === true
      };
    }
    var PROMISE_FRAME = /^async (Promise\.(?:all|allSettled|any)) \(index \d+\)$/;
    var WASM_PLACE = /(wasm:\/\/[^ ]{1,200}):wasm-function\[(\d{1,7})\]:0x([0-9a-f]{1,8})\)?$/;
    function wasmPlaceOf(text) {
      const match = text.length > 2048 || text.indexOf("wasm://") === -1 ? null : WASM_PLACE.exec(text);
      if (!match) return null;
      const wasm = { functionIndex: +match[2], byteOffset: parseInt(match[3], 16) };
      return { file: match[1], line: null, column: null, wasm };
    }
    function functionOf(site) {
      const name = ask(site, "getFunctionName") || "";
      if (ask(site, "isConstructor")) return name && `new ${name}`;
      if (ask(site, "isToplevel") || ask(site, "isNative")) return name;
      const type = ask(site, "getTypeName") || "";
      if (name) return type && !name.startsWith(type) ? `${type}.${name}` : name;
      const method = ask(site, "getMethodName") || "";
      return method && (type ? `${type}.${method}` : method);
    }
    function fileOf(site) {
      const name = ask(site, "getFileName");
      if (name) return name;
      if (ask(site, "isNative")) return "native";
      return ask(site, "isEval") ? ask(site, "getEvalOrigin") : null;
    }
    function ask(site, method) {
      try {
        return site[method]();
      } catch {
        return null;
      }
    }
    function cut(text, length) {
      return typeof text === "string" && text !== "" ? text.slice(0, length) : null;
    }
    function positive(n) {
      return typeof n === "number" && n > 0 && n < 2147483648 ? n : null;
    }
    module2.exports = { callSitesBelow, framesOf, textOf, wasmPlaceOf, MAX_FRAMES, MAX_NAME, MAX_FILE };
  }
});

// stack-text.cjs
var require_stack_text = __commonJS({
  "stack-text.cjs"(exports2, module2) {
    "use strict";
    var limits = require_call_sites();
    var AT = "    at ";
    var MAX_LINE = 8192;
    function framesOfText(stack, header, stackTraceLimit) {
      const from = header !== null && (stack === header || stack.startsWith(`${header}
${AT}`)) ? header.length : 0;
      const frames = [];
      const most = Math.min(stackTraceLimit, limits.MAX_FRAMES);
      let end = stack.length;
      while (frames.length < most && end > from) {
        const newline = stack.lastIndexOf("\n", end - 1);
        if (newline < from || end - newline > MAX_LINE) break;
        const frame2 = frameOfLine(stack.slice(newline + 1, end));
        if (frame2 === null) break;
        frames.unshift(frame2);
        end = newline;
      }
      return frames;
    }
    function frameOfLine(line) {
      if (!line.startsWith(AT)) return null;
      let text = line.slice(AT.length);
      const isAsync = text.startsWith("async ");
      if (isAsync) text = text.slice(6);
      if (/^Promise\.(?:all|allSettled|any) \(index \d+\)$/.test(text)) {
        return frame(text.slice(0, text.indexOf(" ")), { file: null, line: null, column: null }, isAsync);
      }
      const open = text.endsWith(")") && !text.startsWith("eval at ") ? text.indexOf(" (") : -1;
      if (open === -1) {
        const place2 = placeOf(text);
        return place2 && frame(null, place2, isAsync);
      }
      const place = placeOf(text.slice(open + 2, -1));
      return place && frame(nameOf(text.slice(0, open)), place, isAsync);
    }
    function placeOf(text) {
      if (text === "<anonymous>") return { file: null, line: null, column: null };
      if (text === "native") return { file: "native", line: null, column: null };
      const position = /^([\s\S]*?):(\d{1,10}):(\d{1,10})$/.exec(text);
      if (position) {
        const file = position[1].replace(/^(eval at [\s\S]*), <anonymous>$/, "$1");
        return { file: file === "<anonymous>" ? null : file, line: +position[2], column: +position[3] };
      }
      return limits.wasmPlaceOf(text);
    }
    function nameOf(text) {
      const name = text.replace(/ \[as [^\]]*\]$/, "");
      return name === "" || name === "<anonymous>" || name.endsWith(".<anonymous>") ? null : name;
    }
    function frame(name, place, isAsync) {
      const wasm = place.wasm;
      return {
        function: name === null ? null : name.slice(0, limits.MAX_NAME),
        file: place.file === null ? null : place.file.slice(0, limits.MAX_FILE),
        line: place.line || null,
        column: place.column || null,
        async: isAsync,
        ...wasm && { wasm }
      };
    }
    module2.exports = { framesOfText };
  }
});

// error-stack.cjs
var require_error_stack = __commonJS({
  "error-stack.cjs"(exports2, module2) {
    "use strict";
    var withErrorSetting = require_error_settings().withErrorSetting;
    var callSites = require_call_sites();
    var framesOfText = require_stack_text().framesOfText;
    var errorToString = Error.prototype.toString;
    var apply = Reflect.apply;
    var ErrorClass = Error;
    function framesOfError(error) {
      const { sites, text } = readStack(
        () => error.stack,
        (subject) => subject === error
      );
      return framesFrom(sites, text, headerOf(error));
    }
    function emitterOf(error) {
      const mark = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === ENHANCE);
      const descriptor = mark === void 0 ? void 0 : Object.getOwnPropertyDescriptor(error, mark);
      const enhance = descriptor === void 0 ? void 0 : descriptor.value;
      if (typeof enhance !== "function" || enhance.name !== "bound enhanceStackTrace") return null;
      const { sites, text } = readStack(enhance, (subject) => subject !== error);
      const stack = error.stack;
      if (typeof text !== "string" || typeof stack !== "string" || !text.startsWith(stack)) return null;
      const heading = EMITTED.exec(text.slice(stack.length));
      if (heading === null) return null;
      const { source, frames } = framesFrom(sites, text.slice(stack.length + heading[0].length - 1), null);
      return { type: heading[1] || "EventEmitter", frameSource: source, frames };
    }
    var ENHANCE = "kEnhanceStackBeforeInspector";
    var EMITTED = /^\nEmitted 'error' event(?: on (.{1,256}) instance)? at:\n/;
    function readStack(read, isWanted) {
      const prepare = ErrorClass.prepareStackTrace;
      let sites = null;
      let text;
      const run = () => {
        text = read();
        return true;
      };
      const hooked = typeof prepare === "function" || prepare === void 0 && !mapsSources() ? withErrorSetting(
        "prepareStackTrace",
        (subject, structured) => {
          if (isWanted(subject)) sites = structured;
          return prepare ? apply(prepare, ErrorClass, [subject, structured]) : defaultText(subject, structured);
        },
        run
      ) : void 0;
      if (!hooked) run();
      return { sites, text };
    }
    function framesFrom(sites, text, header) {
      if (sites !== null) {
        const frames2 = callSites.framesOf(sites);
        if (typeof text === "string") addPrinted(frames2, text, sites);
        return { source: frames2.length > 0 ? "call-site" : "none", frames: frames2 };
      }
      const limit = ErrorClass.stackTraceLimit;
      const frames = typeof text === "string" ? framesOfText(text, header, typeof limit === "number" ? limit : 0) : [];
      return { source: frames.length > 0 ? "text" : "none", frames };
    }
    function addPrinted(frames, stack, sites) {
      const calls = sites.length;
      if (calls !== frames.length || stack.endsWith(callSites.textOf(sites))) return;
      const lines = framesOfText(stack, null, calls);
      if (lines.length !== calls) return;
      for (let i = 0; i < calls; i++) {
        const { file, line, column } = lines[i];
        const isSame = line === frames[i].line && column === frames[i].column;
        if (file === null || line === null || frames[i].line === null || isSame) continue;
        if (line < MAX_POSITION && column < MAX_POSITION) frames[i].printed = { file, line, column };
      }
    }
    var MAX_POSITION = 2147483648;
    function defaultText(error, sites) {
      const header = headerOf(error);
      return sites.length === 0 ? header : `${header}
    at ${sites.join("\n    at ")}`;
    }
    function headerOf(error) {
      const marked = Object.getOwnPropertySymbols(error).some((symbol) => symbol.description === "kIsNodeError");
      if (marked) return `${error.name} [${error.code}]: ${error.message}`;
      return apply(errorToString, error, []);
    }
    function mapsSources() {
      if (process.sourceMapsEnabled === true) return true;
      const flags = `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS || ""}`;
      return flags.indexOf("--enable-source-maps") !== -1;
    }
    module2.exports = { framesOfError, emitterOf };
  }
});

// thrown-value.cjs
var require_thrown_value = __commonJS({
  "thrown-value.cjs"(exports2, module2) {
    "use strict";
    var types = require("util").types;
    var errorStack = require_error_stack();
    var MAX_MESSAGE = 1048576;
    var MAX_DEPTH = 8;
    var MAX_MEMBERS = 10;
    var MAX_VALUES = 40;
    var ErrorClass = Error;
    var hasOwn = Object.prototype.hasOwnProperty;
    function describeThrown(value) {
      return describe(value, 0, { left: MAX_VALUES, seen: [] });
    }
    function describe(value, depth, budget) {
      budget.left--;
      const isObject = typeof value === "object" && value !== null || typeof value === "function";
      const opaque = isObject && types.isProxy(value);
      const isError = isObject && !opaque && isErrorObject(value);
      const message = opaque ? "" : messageOf(value, isObject);
      const thrown = {
        isError,
        type: opaque ? "Proxy" : typeOf(value, isObject, isError),
        code: null,
        message: message.slice(0, MAX_MESSAGE),
        messageLength: message.length,
        frameSource: "none",
        frames: [],
        stackOverflow: false,
        cause: null,
        errors: [],
        errorsTotal: 0,
        emitter: null
      };
      if (!isObject || opaque) return thrown;
      budget.seen.push(value);
      const code = get(value, "code");
      if (typeof code === "string") thrown.code = code.slice(0, 256);
      if (isError || hasStack(value)) {
        try {
          const stack = errorStack.framesOfError(value);
          thrown.frameSource = stack.source;
          thrown.frames = stack.frames;
        } catch {
        }
        try {
          if (depth === 0 && isError) thrown.emitter = errorStack.emitterOf(value);
        } catch {
        }
      }
      if (!isError) return thrown;
      thrown.stackOverflow = types.isNativeError(value) && thrown.type === "RangeError" && message === "Maximum call stack size exceeded";
      describeRelatives(value, thrown, depth, budget);
      return thrown;
    }
    function describeRelatives(value, thrown, depth, budget) {
      const goOn = (relative) => depth < MAX_DEPTH && budget.left > 0 && relative !== void 0 && budget.seen.indexOf(relative) === -1;
      const cause = get(value, "cause");
      if (goOn(cause)) thrown.cause = describe(cause, depth + 1, budget);
      const members = thrown.type === "AggregateError" || isAggregate(value) ? get(value, "errors") : void 0;
      if (!Array.isArray(members) || types.isProxy(members)) return;
      thrown.errorsTotal = members.length;
      for (let i = 0; i < members.length && i < MAX_MEMBERS; i++) {
        const member = get(members, i);
        if (goOn(member)) thrown.errors.push(describe(member, depth + 1, budget));
      }
    }
    function isErrorObject(value) {
      try {
        return types.isNativeError(value) || value instanceof ErrorClass;
      } catch {
        return false;
      }
    }
    function isAggregate(value) {
      try {
        return typeof AggregateError === "function" && value instanceof AggregateError;
      } catch {
        return false;
      }
    }
    function hasStack(value) {
      try {
        return apply(hasOwn, value, ["stack"]);
      } catch {
        return false;
      }
    }
    var apply = Reflect.apply;
    function typeOf(value, isObject, isError) {
      if (value === null) return "null";
      if (!isObject) return typeof value;
      let name = get(get(value, "constructor"), "name");
      if (isError && name === "NodeError") name = get(value, "name");
      if (typeof name === "string" && name !== "") return name.slice(0, 256);
      return isError ? "Error" : "Object";
    }
    function messageOf(value, isObject) {
      if (!isObject) return typeof value === "string" ? value : String(value);
      const message = get(value, "message");
      if (typeof message === "string") return message;
      return typeof message === "number" || typeof message === "boolean" ? String(message) : "";
    }
    function get(object, key) {
      try {
        return object === void 0 || object === null ? void 0 : object[key];
      } catch {
        return void 0;
      }
    }
    module2.exports = { describeThrown };
  }
});

// candidates.cjs
var require_candidates = __commonJS({
  "candidates.cjs"(exports2, module2) {
    "use strict";
    var stderrOffset = require_record_files().stderrOffset;
    var toJson = require_to_json();
    var describeThrown = require_thrown_value().describeThrown;
    var nowMs = Date.now;
    var uptime = process.uptime;
    var pid = process.pid;
    var WINDOW_MS = 1e4;
    var MAX_WRITTEN = 5;
    var MAX_DESCRIBED = 50;
    function createCandidates(records) {
      const mayWrite = budget(MAX_WRITTEN);
      const mayDescribe = budget(MAX_DESCRIBED);
      let kept = null;
      function flush() {
        const make = kept;
        kept = null;
        if (make !== null) records.add(toJson(make()));
      }
      return {
        flush,
        /** Lives as long as these candidates, which Node's hooks refer to. @type {object | null} */
        companion: null,
        /** The process is ending: everything known is written, oldest first. */
        final(fields) {
          const record = recordOf(fields);
          flush();
          records.add(toJson(timed(record)));
        },
        /**
         * Something was thrown.
         * @param {{event: string, appHandles: boolean}} fields
         * @param {unknown} value
         */
        thrown(fields, value) {
          const record = recordOf(fields);
          let described = false;
          const make = () => {
            if (!described) record.thrown = describeThrown(value);
            described = true;
            return record;
          };
          if (!fields.appHandles) {
            make();
            flush();
            records.add(toJson(timed(record)));
            return;
          }
          if (mayDescribe()) make();
          kept = make;
          if (fields.event !== "handled-rejection" && mayWrite()) flush();
        }
      };
    }
    function recordOf(fields) {
      const record = {
        v: 1,
        type: "candidate",
        pid,
        event: "exit",
        atMs: nowMs(),
        uptimeS: uptime(),
        thrown: null,
        callerFrames: [],
        exitCode: null,
        appHandles: false,
        tookMs: null,
        stderrOffset: stderrOffset()
      };
      return Object.assign(record, fields);
    }
    function timed(record) {
      record.tookMs = Math.max(0, Math.round((uptime() - record.uptimeS) * 1e5) / 100);
      return record;
    }
    function budget(times) {
      let left = times;
      let since = nowMs();
      return () => {
        const now = nowMs();
        if (now < since || now - since > WINDOW_MS) {
          since = now;
          left = times;
        }
        return left-- > 0;
      };
    }
    module2.exports = { createCandidates };
  }
});

// uncaught.cjs
var require_uncaught = __commonJS({
  "uncaught.cjs"(exports2, module2) {
    "use strict";
    var listenerCount = process.listenerCount;
    var hasCaptureCallback = process.hasUncaughtExceptionCaptureCallback;
    function watchUncaught(candidates) {
      process.on("uncaughtExceptionMonitor", (value, origin) => {
        try {
          candidates.thrown(
            {
              event: origin === "unhandledRejection" ? "rejection" : "uncaught",
              appHandles: listenerCount.call(process, "uncaughtException") > 0 || hasCaptureCallback()
            },
            value
          );
        } catch {
        }
      });
    }
    module2.exports = { watchUncaught };
  }
});

// emit-reads.cjs
var require_emit_reads = __commonJS({
  "emit-reads.cjs"(exports2, module2) {
    "use strict";
    var internals = (
      /** @type {any} */
      process
    );
    var callSitesBelow = require_call_sites().callSitesBelow;
    function watchEmitReads(candidates) {
      let emit = process.emit;
      let ending = false;
      let takeBack = () => {
      };
      const accessor = {
        get emit() {
          try {
            takeBack();
            if (internals._exiting === true && !ending) {
              ending = true;
              if (isCalledFromOutsideJavaScript(getter)) atNaturalEnd(candidates);
            } else if (internals._events.unhandledRejection !== void 0 && isCalledToReport(getter)) {
              takeBack = listenOnce(candidates);
            }
          } catch {
          }
          return emit;
        },
        set emit(value) {
          emit = value;
        }
      };
      const descriptor = Object.getOwnPropertyDescriptor(accessor, "emit");
      const getter = descriptor.get;
      const place = Object.getPrototypeOf(process);
      if (Object.hasOwn(process, "emit")) return;
      Object.defineProperty(place, "emit", Object.assign(descriptor, { enumerable: false }));
    }
    function isCalledFromOutsideJavaScript(getter) {
      const sites = callSitesBelow(getter, 1);
      return sites !== null && sites.length === 0;
    }
    function isCalledToReport(getter) {
      const sites = callSitesBelow(getter, 1);
      const site = sites === null ? void 0 : sites[0];
      if (site === void 0 || site.getFileName() !== "node:internal/process/promises") return false;
      return /^emit$|UnhandledRejection/.test(site.getFunctionName() || "");
    }
    function listenOnce(candidates) {
      const events = internals._events;
      const theirs = events.unhandledRejection;
      const withOurs = [ours].concat(theirs);
      const takeBack = () => {
        if (events.unhandledRejection === withOurs) events.unhandledRejection = theirs;
      };
      function ours(reason) {
        try {
          takeBack();
          candidates.thrown({ event: "handled-rejection", appHandles: true }, reason);
        } catch {
        }
      }
      events.unhandledRejection = withOurs;
      return takeBack;
    }
    function atNaturalEnd(candidates) {
      const exitCode = Number(process.exitCode);
      if (Number.isInteger(exitCode) && exitCode !== 0) candidates.final({ event: "exit", exitCode });
      else candidates.flush();
    }
    module2.exports = { watchEmitReads };
  }
});

// mapped-position.cjs
var require_mapped_position = __commonJS({
  "mapped-position.cjs"(exports2, module2) {
    "use strict";
    var findSourceMap = require("module").findSourceMap;
    function addMapped(frames) {
      if (process.sourceMapsEnabled !== true) return;
      for (const frame of frames) {
        if (frame.scriptHash === void 0 || !TRANSPILED.test(frame.file)) continue;
        try {
          const map = findSourceMap(frame.file);
          const entry = map && map.findEntry(frame.line - 1, frame.column - 1);
          const { originalSource, originalLine, originalColumn } = entry || {};
          if (typeof originalSource !== "string" || typeof originalLine !== "number") continue;
          frame.printed = { file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
        } catch {
        }
      }
    }
    var TRANSPILED = /\.(?:[cm]?ts|[jt]sx)$/;
    module2.exports = { addMapped };
  }
});

// exits.cjs
var require_exits = __commonJS({
  "exits.cjs"(exports2, module2) {
    "use strict";
    var callSites = require_call_sites();
    var addMapped = require_mapped_position().addMapped;
    var apply = Reflect.apply;
    function watchExits(candidates) {
      const internals = (
        /** @type {any} */
        process
      );
      internals.reallyExit = new Proxy(internals.reallyExit, {
        apply(target, self, args) {
          try {
            if (args[0]) candidates.final({ event: "exit", exitCode: args[0], callerFrames: callerFrames() });
            else candidates.flush();
          } catch {
          }
          return apply(target, self, args);
        }
      });
      process.abort = new Proxy(process.abort, {
        get apply() {
          try {
            candidates.final({ event: "abort", callerFrames: callerFrames() });
          } catch {
          }
          return void 0;
        }
      });
    }
    function callerFrames() {
      const sites = callSites.callSitesBelow(callerFrames, callSites.MAX_FRAMES + 10) || [];
      let first = 0;
      while (first < sites.length && String(sites[first].getFileName()).startsWith(`${__dirname}/`)) first++;
      for (let i = first; i < sites.length; i++) {
        const isExit = sites[i].getFunctionName() === "exit";
        if (isExit && String(sites[i].getFileName()).startsWith("node:internal/process/")) first = i + 1;
      }
      const frames = callSites.framesOf(sites.slice(first));
      addMapped(frames);
      return frames;
    }
    module2.exports = { watchExits };
  }
});

// heap-snapshot.cjs
var require_heap_snapshot = __commonJS({
  "heap-snapshot.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var open = fs.openSync;
    var write = fs.writeSync;
    var close = fs.closeSync;
    var fstat = fs.fstatSync;
    var unlink = fs.unlinkSync;
    var rename = fs.renameSync;
    var readFile = fs.readFileSync;
    var { O_WRONLY, O_NOFOLLOW, O_CREAT, O_EXCL } = fs.constants;
    var now = Date.now;
    function takeIfWanted(v8, place, usedBytes) {
      const wanted = read(`${place}/wanted`);
      if (wanted === null) return;
      const [atBytes, pid, startTicks, path] = wanted.split("\n");
      if (!(usedBytes >= Number(atBytes))) return;
      unlink(`${place}/wanted`);
      const begunMs = now();
      let isTaken = false;
      try {
        isTaken = startTicksOf(pid) === startTicks && writeInto(v8, path);
      } finally {
        answer(place, isTaken ? `${now() - begunMs}` : "failed");
      }
    }
    function writeInto(v8, path) {
      const fd = open(path, O_WRONLY | O_NOFOLLOW);
      try {
        const stat = fstat(fd);
        if (!stat.isFile() || stat.size !== 0) return false;
        unlink(path);
        v8.writeHeapSnapshot(`/proc/self/fd/${fd}`);
        return true;
      } finally {
        close(fd);
      }
    }
    function answer(place, text) {
      const temporary = `${place}/taken.tmp`;
      const fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 384);
      try {
        write(fd, text);
      } finally {
        close(fd);
      }
      rename(temporary, `${place}/taken`);
    }
    function startTicksOf(pid) {
      const text = read(`/proc/${pid}/stat`);
      return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
    }
    function read(path) {
      try {
        return readFile(path, "utf8");
      } catch {
        return null;
      }
    }
    module2.exports = { takeIfWanted };
  }
});

// heap-growth.cjs
var require_heap_growth = __commonJS({
  "heap-growth.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var takeIfWanted = require_heap_snapshot().takeIfWanted;
    var toJson = require_to_json();
    var open = fs.openSync;
    var write = fs.writeSync;
    var close = fs.closeSync;
    var rename = fs.renameSync;
    var readLink = fs.readlinkSync;
    var Registry = globalThis.FinalizationRegistry;
    var register = Registry && Registry.prototype.register;
    var apply = Reflect.apply;
    var now = Date.now;
    var memoryUsage = process.memoryUsage;
    var activeResources = (
      /** @type {any} */
      process.getActiveResourcesInfo
    );
    var keysOf = Object.keys;
    var builtin = (
      /** @type {any} */
      process.getBuiltinModule
    );
    var FROM_BYTES = 32 * 1024 * 1024;
    var GROWTH = 1.1;
    function watchHeapGrowth(dir) {
      if (!Registry || !activeResources) return null;
      const place = placeIn(dir);
      if (place === null) return null;
      const file = `${place}/heap.json`;
      let largest = FROM_BYTES / GROWTH;
      let v8 = null;
      const registry = new Registry(() => {
        try {
          wait();
          const usage = memoryUsage();
          const bytes = usage.heapUsed + usage.external;
          if (bytes >= largest * GROWTH) {
            largest = bytes;
            v8 = v8 || (builtin ? builtin("v8") : null);
            replace(file, toJson(record(v8, usage)));
          }
          if (v8) takeIfWanted(v8, place, usage.heapUsed);
        } catch {
        }
      });
      function wait() {
        apply(register, registry, [{}, null]);
      }
      wait();
      return registry;
    }
    function placeIn(dir) {
      try {
        return readLink(`${dir}/in-memory`);
      } catch {
        return null;
      }
    }
    function record(v8, usage) {
      const spaces = v8 ? v8.getHeapSpaceStatistics() : [];
      const shown = [];
      for (let n = 0; n < spaces.length; n++) {
        const space = spaces[n];
        shown[n] = {
          name: space.space_name,
          usedBytes: space.space_used_size,
          sizeBytes: space.space_size
        };
      }
      return {
        atMs: now(),
        usedBytes: usage.heapUsed,
        limitBytes: v8 ? v8.getHeapStatistics().heap_size_limit : null,
        externalBytes: usage.external,
        arrayBufferBytes: usage.arrayBuffers,
        spaces: shown,
        resources: resources()
      };
    }
    function resources() {
      const types = activeResources();
      const counts = /* @__PURE__ */ Object.create(null);
      for (let n = 0; n < types.length; n++) counts[types[n]] = (counts[types[n]] || 0) + 1;
      const list = [];
      const names = keysOf(counts);
      for (let n = 0; n < names.length && n < 64; n++) list[n] = { type: names[n], count: counts[names[n]] };
      return list;
    }
    function replace(file, text) {
      const temporary = `${file}.tmp`;
      const fd = open(temporary, "w", 384);
      try {
        write(fd, text);
      } finally {
        close(fd);
      }
      rename(temporary, file);
    }
    module2.exports = { watchHeapGrowth };
  }
});

// claim.cjs
var require_claim = __commonJS({
  "claim.cjs"(exports2, module2) {
    "use strict";
    var fs = require("fs");
    var toJson = require_to_json();
    function claimMainWorker(dir) {
      const file = `${dir}/claim.json`;
      const text = toJson(claim());
      try {
        writeNew(file, text);
        return true;
      } catch (error) {
        if (error.code !== "EEXIST") return false;
      }
      const holder = holderOf(file);
      if (holder === null || holder !== process.pid && isAliveIn(holder, dir)) return false;
      const marker = `${dir}/claim-after-${holder}.json`;
      writeNew(marker, text);
      fs.renameSync(marker, file);
      return holderOf(file) === process.pid;
    }
    function writeNew(file, text) {
      const fd = fs.openSync(file, "wx", 384);
      try {
        fs.writeSync(fd, text);
      } finally {
        fs.closeSync(fd);
      }
    }
    function holderOf(file) {
      try {
        const pid = JSON.parse(fs.readFileSync(file, "utf8")).pid;
        return Number.isInteger(pid) && pid > 0 ? pid : null;
      } catch {
        return null;
      }
    }
    function isAliveIn(pid, dir) {
      try {
        process.kill(pid, 0);
      } catch (error) {
        return error.code !== "ESRCH";
      }
      try {
        const initial = fs.readFileSync(`/proc/${pid}/environ`, "latin1");
        const ours = `CRASHMON_PROBE_DIR=${Buffer.from(dir).toString("latin1")}\0`;
        return initial.startsWith(ours) || initial.indexOf(`\0${ours}`) !== -1;
      } catch (error) {
        return error.code !== "ENOENT" && error.code !== "ESRCH";
      }
    }
    function claim() {
      return {
        v: 1,
        type: "claim",
        pid: process.pid,
        runtime: "node",
        version: process.version,
        mainScript: mainScript(),
        cwd: process.cwd(),
        evalSource: evalSource(),
        execPath: process.execPath,
        heapFlags: heapFlags(),
        atMs: Date.now()
      };
    }
    function heapFlags() {
      const words = process.execArgv.concat(String(process.env.NODE_OPTIONS || "").split(/\s+/));
      return words.filter((word) => /^--(max|min|initial)[-_][a-z_-]{1,30}[-_]size=\d{1,9}$/.test(word)).slice(0, 8);
    }
    function evalSource() {
      const source = (
        /** @type {any} */
        process._eval
      );
      return typeof source === "string" ? source.slice(0, 65536) : null;
    }
    function mainScript() {
      if (process.argv[1] === void 0 || evalSource() !== null) return null;
      try {
        return require.resolve(process.argv[1]);
      } catch {
        return process.argv[1];
      }
    }
    module2.exports = { claimMainWorker };
  }
});

// probe.cjs
try {
  start();
} catch {
  delete process.env.CRASHMON_PROBE_DIR;
  delete process.env.CRASHMON_PROBE_FIFO;
}
try {
  require_forget().forget(module, __dirname);
} catch {
}
function start() {
  const dir = process.env.CRASHMON_PROBE_DIR;
  const fifo = process.env.CRASHMON_PROBE_FIFO;
  if (!dir && !fifo) return;
  const leaveOurEnvironment = require_environment().leaveOurEnvironment;
  if (Number(process.version.slice(1).split(".")[0]) < 18) {
    leaveOurEnvironment(__filename);
    return;
  }
  if (require_wrappers().isWrapper()) return;
  leaveOurEnvironment(__filename);
  const records = dir ? filesOf(dir) : require_record_fifo().createRecordFifo(fifo);
  if (records === null) return;
  const candidates = require_candidates().createCandidates(records);
  require_uncaught().watchUncaught(candidates);
  require_emit_reads().watchEmitReads(candidates);
  require_exits().watchExits(candidates);
  if (dir) candidates.companion = require_heap_growth().watchHeapGrowth(dir);
}
function filesOf(dir) {
  if (!require_claim().claimMainWorker(dir)) return null;
  return require_record_files().createRecordFiles(dir);
}
