import { library, type OriginRule, OWN } from './origin-rule.ts';

/** The default directories of `@INC`, and its programs. */
export const perlOrigin: OriginRule = ({ file }) => {
  if (file === null) return library('perl');
  const installed =
    /^.*\/(?:lib\/perl5|share\/perl5|site_perl(?:\/[\d.]+)?)\/(?:[\w-]+-linux[\w-]*\/)?([\w/-]{1,100})\.p[ml]$/.exec(
      file,
    )?.[1];
  if (installed !== undefined) return library(installed.replaceAll('/', '-'));
  const program = /^\/usr\/(?:local\/)?bin\/([\w.-]{1,60})$/.exec(file)?.[1];
  if (program !== undefined) return library(program);
  return STANDARD.test(file) ? library('perl') : OWN;
};

const STANDARD = /\/(?:share|lib|lib\/[\w-]+-linux-gnu)\/perl(?:-base|5)?\/|\/lib\/(?:perl5\/)?5\.\d/;
