import type { SourceRules } from '../source-voucher.ts';

export const PHP_SOURCES: SourceRules = {
  definitions: /\bfunction\s{1,20}&?\s{0,20}(\w+)/gi,
  definedName(printed) {
    const name = printed.slice(
      Math.max(printed.lastIndexOf('>'), printed.lastIndexOf(':'), printed.lastIndexOf('\\')) + 1,
    );
    return name.startsWith('{') || /^(?:require|include)(?:_once)?$/.test(name) ? null : name;
  },
  isCalledOn(name, code) {
    const text = code
      .replace(/'(?:[^'\\]|\\.)*'?/gs, '')
      .replace(/"(?:[^"\\]|\\.)*"?/gs, '')
      .replace(/(?:\/\/|#).*/g, '');
    return name === '__construct' ? /\bnew\b/.test(text) : text.toLowerCase().includes(name.toLowerCase());
  },
};
