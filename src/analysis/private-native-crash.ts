import { addressWords, faultWords } from '../explain/fault-words.ts';
import { plural } from '../formats/quantity-words.ts';
import { signalCode } from '../formats/signals/signal-code.ts';
import { signalName } from '../formats/signals/signal-name.ts';
import type { CrashReport, NativeCrash, Register } from '../model/crash-report.ts';
import { indent, printable } from './printable.ts';
import { framesText } from './private-stack.ts';

/** A private log's section about a fatal signal, with address, text and registers; '' without one. */
export function nativeCrashText({ native }: CrashReport): string {
  if (native === null) return '';
  const rows = factRows(native).map(([name, value]) => `  ${name.padEnd(13)}  ${oneLine(value)}\n`);
  const { abortText } = native.fault;
  const message =
    abortText === null ? '' : `Abort message\n${indent(printable(abortText.trimEnd()), '  | ')}`;
  const sections = [`Fatal signal\n${rows.join('')}`, message, registersText(native.registers)];
  return sections.filter((section) => section !== '').join('\n');
}

/** Stacks of the other threads; '' without any. */
export function otherThreadsText({ native }: CrashReport): string {
  const groups = native?.otherThreads ?? [];
  return groups
    .map(({ count, frames }) => {
      const heading = `${plural(count, 'other thread')}${count === 1 ? '' : ' with this stack'}`;
      return `${heading}\n${frames.length === 0 ? '    (no call stack)\n' : framesText(frames)}`;
    })
    .join('\n');
}

function factRows({ fault, cxxExceptionType }: NativeCrash): (readonly [string, string])[] {
  const { signal, siCode, faultAddress, addressClass } = fault;
  const name = signalName(signal);
  const code = siCode === null ? null : signalCode(name, siCode);
  // The type has its own row, with its mangled name.
  const words = faultWords(fault, null);
  const mangled = fault.cxxExceptionType;
  const type = cxxExceptionType ?? mangled;
  const rows = [
    ['signal', name === null ? String(signal) : `${name} (${signal})`],
    [
      'code',
      siCode === null ? null : code === null ? String(siCode) : `${code.name} (${siCode}): ${code.meaning}`,
    ],
    ['fault', words],
    ['fault address', faultAddress === null ? null : `0x${faultAddress.toString(16).padStart(16, '0')}`],
    ['address class', addressClass === null ? null : addressWords(addressClass)],
    ['C++ exception', type === null || mangled === null || mangled === type ? type : `${type} (${mangled})`],
  ] as const;
  return rows.flatMap(([row, value]) => (value === null ? [] : [[row, value] as const]));
}

const COLUMNS = 80;
const GAP = 3;

/** As many columns as fit, sorted downwards as in debuggers. */
function registersText(registers: readonly Register[]): string {
  if (registers.length === 0) return '';
  const width = Math.max(...registers.map(({ name }) => name.length));
  const cells = registers.map(({ name, value }) => oneLine(`${name.padEnd(width)} ${padded(value)}`));
  const longest = Math.max(...cells.map((cell) => cell.length));
  const columns = Math.max(1, Math.floor((COLUMNS - 2 + GAP) / (longest + GAP)));
  const rows = Math.ceil(cells.length / columns);
  const lines = Array.from({ length: rows }, (_, row) => {
    const line = cells.filter((_cell, at) => at % rows === row);
    return `  ${line.map((cell) => cell.padEnd(longest + GAP)).join('')}`.trimEnd();
  });
  return `Registers\n${lines.join('\n')}\n`;
}

/** All 16 digits, so that addresses align. */
function padded(value: string): string {
  return /^0x[0-9a-f]{1,16}$/.test(value) ? `0x${value.slice(2).padStart(16, '0')}` : value;
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
