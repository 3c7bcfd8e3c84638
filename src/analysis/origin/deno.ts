import { frameOrigin } from '../frame-origin.ts';
import { library, type OriginRule } from './origin-rule.ts';

/** Packages come by URL: `https://jsr.io/@std/path/1.0.0/mod.ts`, `npm:express@4`. */
export const denoOrigin: OriginRule = ({ file }, { appRoot }) => {
  if (file === null || /^(?:ext|deno|checkin):/.test(file)) return library('deno');
  const [, jsr] = /^https?:\/\/jsr\.io\/(@[\w-]{1,40}\/[\w-]{1,60})\//.exec(file) ?? [];
  if (jsr !== undefined) return library(jsr);
  const [, npm] = /^npm:\/?((?:@[\w.-]{1,60}\/)?[\w.-]{1,80})/.exec(file) ?? [];
  if (npm !== undefined) return library(npm);
  const [, host] = /^https?:\/\/([\w.-]{1,80})\//.exec(file) ?? [];
  return host === undefined ? frameOrigin(file.replace(/^file:\/\//, ''), appRoot) : library(host);
};
