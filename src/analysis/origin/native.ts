import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Calls of C and C++ as sanitizers print them: of the C library, of compilers' runtimes, or of the app. */
export const nativeOrigin: OriginRule = ({ function: name, file }) => {
  if (/\/sysdeps\/|(?:^|\/)csu\/|\/nptl\/|\/glibc/.test(file ?? '') || C_LIBRARY.test(name ?? '')) {
    return library('libc');
  }
  if (/\/libsanitizer\/|\/compiler-rt\//.test(file ?? '') || SANITIZER.test(name ?? '')) {
    return library('sanitizer');
  }
  if (/\/include\/c\+\+\/|\/libstdc\+\+/.test(file ?? '') || /^(?:std|__gnu_cxx)::/.test(name ?? '')) {
    return library('libstdc++');
  }
  return OWN;
};

const C_LIBRARY = /^(?:_start|__libc_\w+|clone3?|start_thread)$/;
const SANITIZER =
  /^(?:__interceptor_\w+|__(?:asan|lsan|tsan|msan|ubsan|sanitizer)_\w+|operator (?:new|delete)(?:\[\])?\(.*)$/;
