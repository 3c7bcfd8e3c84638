import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Gems, also from a repository, where a commit stands after the name; what comes with Ruby; its programs. */
export const rubyOrigin: OriginRule = ({ file }) => {
  if (file === null || file.startsWith('<internal:')) return library('ruby');
  const gem = /^.*\/gems\/([A-Za-z][\w-]{0,80}?)-(?:\d[\w.]{0,40}|[0-9a-f]{12})\//.exec(file)?.[1];
  if (gem !== undefined) return library(gem);
  const program = /^\/usr\/(?:local\/)?(?:bundle\/)?bin\/([\w-]{1,60})$/.exec(file)?.[1];
  if (program !== undefined) return library(program);
  return /\/lib\/ruby\/(?:vendor_ruby\/)?(?:\d|rubygems)|\/rubygems-integration\//.test(file)
    ? library('ruby')
    : OWN;
};
