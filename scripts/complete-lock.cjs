// Usage: node complete-lock.cjs <package-lock.json>
// `npm ci` refuses a lock without an optional dependency, even for another platform, and npm omits those that its registry
// does not have. This adds them: exact version, platform by name, no integrity (unknown, and only that platform would
// fetch it). Run it after every change of dependencies.
'use strict';
const fs = require('node:fs');

const SYSTEMS = 'android darwin freebsd linux netbsd openbsd openharmony sunos win32 wasi aix'.split(' ');
const PROCESSORS = 'x64 arm64 arm ia32 ppc64 s390x riscv64 loong64 mips64el wasm32'.split(' ');

/** @param {string} name */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const platform = {};
  const system = SYSTEMS.find((word) => words.includes(word));
  const processor = PROCESSORS.find((word) => words.includes(word));
  if (processor) platform.cpu = [processor];
  if (words.some((word) => word.startsWith('musl'))) platform.libc = ['musl'];
  else if (words.some((word) => word.startsWith('gnu'))) platform.libc = ['glibc'];
  if (system) platform.os = [system];
  return platform;
}

const file = process.argv[2] ?? '';
const lock = JSON.parse(String(fs.readFileSync(file)));
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    const platform = platformOf(name);
    // A version range or a name without a platform would be a guess.
    if (lock.packages[place] || !/^\d+\.\d+\.\d+$/.test(version) || !platform.os) continue;
    lock.packages[place] = { version, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true };
    added += 1;
  }
}
const places = Object.keys(lock.packages).sort((a, b) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(places.map((place) => [place, lock.packages[place]]));
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} added\n`);
