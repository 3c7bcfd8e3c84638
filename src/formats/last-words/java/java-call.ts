import type { PrintedCall, Vouchers, VouchingClass } from '../../../model/last-words.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';
import type { CheckedCall } from '../kept-calls.ts';

/** @returns null if the line is no call */
export function readCall(line: string, vouchers: Vouchers): CheckedCall | null {
  const call = LINE_PARSERS.java(line, '');
  if (call === null) return null;
  const name = call.function ?? '';
  if (GENERATED.test(name)) return { kind: 'generated', call: null };
  if (!NAME.test(name)) return { kind: 'refuted', call: null };
  const dot = name.lastIndexOf('.');
  const found = vouchers.readClass(name.slice(0, dot));
  const isJdk = JDK.test(name);
  if (found === null) return { kind: isJdk ? 'runtime' : 'unknown', call: { ...call, vouched: null } };
  const lines = found.methods.get(name.slice(dot + 1));
  const isFile = call.file === null || call.file === found.sourceFile;
  const isLine = call.line === null || (lines?.has(call.line) ?? false);
  if (lines === undefined || !isFile || !isLine) return { kind: 'refuted', call: null };
  if (isBridge(call, found, vouchers)) return { kind: 'generated', call: null };
  return { kind: isJdk ? 'runtime' : 'vouched', call: { ...withSourceLine(call, found), vouched: true } };
}

/** Scala and Kotlin add methods without lines that call those of the source, Scala also in a class of their own. */
function isBridge(
  { function: name, file, line }: PrintedCall,
  found: VouchingClass,
  vouchers: Vouchers,
): boolean {
  if (file === null || line !== null) return false;
  const object = vouchers.readClass(`${name?.slice(0, name.lastIndexOf('.'))}$`);
  return hasLines(found) || (object !== null && hasLines(object));
}

function hasLines({ methods }: VouchingClass): boolean {
  return [...methods.values()].some(({ size }) => size > 0);
}

/** Inlined Kotlin code has lines that its file does not have. */
function withSourceLine(call: PrintedCall, { ownLines }: VouchingClass): PrintedCall {
  return call.line !== null && ownLines !== null && call.line > ownLines ? { ...call, line: null } : call;
}

/** `com.shop.Cart$1.lambda$total$0`, `com.shop.Cart.<init>`, Scala's `$plus$plus`, Kotlin's `total-impl` */
const NAME =
  /^(?:[\p{L}\p{Nl}_$][\p{L}\p{N}\p{Mn}_$-]*\.){1,40}(?:<init>|<clinit>|[\p{L}\p{Nl}_$][\p{L}\p{N}\p{Mn}_$-]*)$/u;
const GENERATED =
  /\$\$Lambda|^0x[0-9a-f]|LambdaForm\$|\$\$(?:EnhancerBy|FastClassBy|SpringCGLIB)|\.Generated(?:Method|Constructor|SerializationConstructor)Accessor\d|(?:^|\.)(?:jdk\.proxy\d+\.)?\$Proxy\d/;
const JDK = /^(?:java|javax|jdk|sun|com\.sun)\./;
