import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Installed packages, also of a virtual environment in the app, are libraries; so are scripts of packages. */
export const pythonOrigin: OriginRule = ({ file }) => {
  if (file === null || STANDARD.test(file)) return library('python');
  const installed = /^.*\/(?:site|dist)-packages\/([\w.-]{1,100})/.exec(file)?.[1];
  if (installed !== undefined) return library(installed.replace(/\.py$/, ''));
  const script = /^(?:\/usr(?:\/local)?|.*\/(?:\.?venv|env))\/bin\/([\w.-]{1,100})$/.exec(file)?.[1];
  return script === undefined ? OWN : library(script);
};

const STANDARD = /^<|\/lib\/python\d[\d.]*\/(?!(?:site|dist)-packages\/)/;
