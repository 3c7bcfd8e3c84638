import { library, type OriginRule, OWN } from './origin-rule.ts';

export const dotnetOrigin: OriginRule = ({ function: name }) => {
  if (name === null || name.startsWith('(wrapper ')) return library('system');
  const [, namespace] = /^(System|Mono|Internal|Interop|Microsoft(?:\.\w{1,60})?)[.+]/.exec(name) ?? [];
  if (namespace === undefined) return OWN;
  return library(namespace.startsWith('Microsoft') ? namespace : 'system');
};
