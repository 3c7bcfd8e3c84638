import { library, type OriginRule, OWN } from './origin-rule.ts';

export const rubyOrigin: OriginRule = ({ file }) => {
  if (file === null || file.startsWith('<internal:')) return library('ruby');
  const gem = /^.*\/gems\/([A-Za-z][\w-]{0,80}?)-\d[\w.]{0,40}\//.exec(file)?.[1];
  if (gem !== undefined) return library(gem);
  return /\/lib\/ruby\/(?:vendor_ruby\/)?(?:\d|rubygems)|\/rubygems-integration\//.test(file)
    ? library('ruby')
    : OWN;
};
