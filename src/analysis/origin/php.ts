import { library, type OriginRule, OWN } from './origin-rule.ts';

export const phpOrigin: OriginRule = ({ file }) => {
  if (file === null) return OWN;
  if (file === '[internal function]') return library('php');
  const installed = /^.*\/vendor\/([\w.-]{1,80}\/[\w.-]{1,80})\//.exec(file)?.[1];
  if (installed !== undefined) return library(installed);
  const shared = /^\/usr\/share\/php\/([\w-]{1,80})/.exec(file)?.[1];
  return shared === undefined ? OWN : library(shared);
};
