/** What a crash did to the users of an app, as far as the kernel's tables show it. */
export type Impact = {
  /** Connections of its clients that its end closed; null if unknown. */
  connectionsCut: number | null;
  /** Counted while the process was held at its exit; otherwise there can have been more, which the kernel had reset. */
  isExact: boolean;
  /** From the exit until its port was listened on again; null if unknown, or if it always was. */
  servedAfterMs: number | null;
};

const TOKEN = /^(\d{1,9}|-)\/(exact|least)\/(\d{1,12}|-)$/;

/** How columns and attributes hold it: `3/least/900`. */
export function impactToken({ connectionsCut, isExact, servedAfterMs }: Impact): string {
  return `${connectionsCut ?? '-'}/${isExact ? 'exact' : 'least'}/${servedAfterMs ?? '-'}`;
}

/** null for anything else. */
export function parseImpactToken(token: string): Impact | null {
  const [, cut, how, served] = TOKEN.exec(token) ?? [];
  if (cut === undefined || served === undefined) return null;
  const numberOf = (text: string) => (text === '-' ? null : Number(text));
  return { connectionsCut: numberOf(cut), isExact: how === 'exact', servedAfterMs: numberOf(served) };
}
