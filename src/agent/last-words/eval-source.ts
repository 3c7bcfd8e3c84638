const FLAG = /^(?:-e|--eval|-p|--print|-pe)$/;
const WITH_VALUE = /^--(?:eval|print)=/;

/** The program of `node -e`, by the command line of its process; null without one. */
export function evalSourceOf(args: readonly string[]): string | null {
  const at = args.findIndex((arg, index) => index > 0 && (FLAG.test(arg) || WITH_VALUE.test(arg)));
  const found = args[at];
  if (found === undefined) return null;
  return FLAG.test(found) ? (args[at + 1] ?? null) : found.replace(WITH_VALUE, '');
}
