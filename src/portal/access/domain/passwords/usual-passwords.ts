/** What is tried first, without what is shorter than a password may be; longer ones are made of these over and over. */
const STEMS = [
  'password',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'passwort',
  'administrator',
  'admin',
  'letmein',
  'welcome',
  'iloveyou',
  'qwerty',
  'qwertz',
  'azerty',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'yxcvbnm',
  'zxcvbnm',
  'qazwsx',
  '1q2w3e4r5t6y',
  '1q2w3e4r',
  '1qaz2wsx3edc',
  '1qaz2wsx',
  'abc',
  'abcdef',
  'abcdefghijklmnopqrstuvwxyz',
  'football',
  'baseball',
  'superman',
  'trustno1',
  'changeme',
  'changeit',
  'default',
  'secret',
  'master',
  'monkey',
  'dragon',
  'sunshine',
  'princess',
  'correcthorsebatterystaple',
  'crashmon',
  'portal',
  'test',
  'root',
  'user',
  'login',
  'hello',
  'hallo',
  'my',
  'the',
  'is',
] as const;

const LONGEST_FIRST = STEMS.toSorted((a, b) => b.length - a.length);

/** Is it made of what is tried first, digits and signs, and hardly anything else? `folded`: lower case, no spaces. */
export function isUsualPassword(folded: string): boolean {
  let rest = folded;
  for (const stem of LONGEST_FIRST) rest = rest.replaceAll(stem, '');
  const isMadeOfStems = rest !== folded || /^[\d\W_]+$/.test(folded);
  return isMadeOfStems && isSequence(rest);
}

/** Digits in order (1234…), years, or a few signs at the end: what people add where more is asked for. */
function isSequence(rest: string): boolean {
  const digits = rest.replace(/[\W_]/g, '');
  if (rest.length - digits.length > 3) return false;
  return (
    /^\d{0,4}$/.test(digits) ||
    '01234567890123456789012345678901234567890'.includes(digits) ||
    '98765432109876543210'.includes(digits)
  );
}
