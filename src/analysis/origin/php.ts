import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Functions of PHP itself have no place of their own; the app's have one, or a class. */
export const phpOrigin: OriginRule = ({ function: name, file }) => {
  if (file === '[internal function]') return library('php');
  if (file === null) return name !== null && /^\w+$/.test(name) ? library('php') : OWN;
  const installed = /^.*\/vendor\/([\w.-]{1,80}\/[\w.-]{1,80})\//.exec(file)?.[1];
  if (installed !== undefined) return library(installed);
  const shared = /^\/usr\/share\/php\/([\w-]{1,80})/.exec(file)?.[1];
  return shared === undefined ? OWN : library(shared);
};
