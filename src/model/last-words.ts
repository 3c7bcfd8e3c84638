/** A call as a runtime printed it. */
export type PrintedCall = {
  /** In the spelling of the runtime. */
  function: string | null;
  file: string | null;
  /** 1-based. */
  line: number | null;
  column: number | null;
};
/**
 * A call that may be believed: true if its place and name were found in what the program was made of (source, tables of
 * the executable, class file), null if there was nothing to compare it with. A call that contradicts its source is part
 * of a message: it is left out and counted.
 */
export type VouchedCall = PrintedCall & {
  vouched: true | null;
  /** The text that ran has this line: it was printed, and is the file's. */
  shown?: true;
};

/** An exception as it was printed: no message. */
export type PrintedError = {
  /** null if none was printed, or if it does not look like a type. */
  type: string | null;
  /** Node.js prints it: `ECONNREFUSED`. */
  code?: string | null;
  /** Innermost first; a recursion that the runtime folded stands once. */
  calls: VouchedCall[];
  /** Of an exception group; each is followed by its own causes. */
  members: PrintedError[];
  /** Calls that contradict their source. */
  refuted: number;
  /** Calls that were left out because a message could hold them, and nothing decides it; 0 if absent. */
  ambiguous?: number;
  /** Calls beyond the limit. */
  cut: number;
};

/** What a runtime printed when its process ended, found at the end of standard error. */
export type LastWords = {
  /** Which of the runtime's forms this is; `policy/prove-death.ts` knows what each proves. */
  form: string;
  error: PrintedError;
  /** What caused it, outermost first. */
  causes: PrintedError[];
  /** Of the thread that printed it; null if the text does not say. */
  thread: 'main' | 'other' | null;
  /** The text itself shows that the app caught it and continued. */
  handled: boolean;
  /** Process ID in the text; null if there is none. */
  pid: number | null;
  /** The fatal signal that the text names. */
  signal: string | null;
  /** Version of the runtime, if the text names it. */
  version: string | null;
  /** The lines of all of it: first, and the one after the last. */
  from: number;
  to: number;
  /** Other lines that follow. */
  linesAfter: number;
};

/** Names in an executable, which its runtime prints; what is there is no data of the process. */
export type ProgramTables = {
  hasFunction: (name: string) => boolean;
  hasFile: (file: string) => boolean;
  /** `main.Cart` in Go's spelling. */
  hasType: (name: string) => boolean;
  /** Is this a place that a stack can name? Of debug information that lies beside the program. */
  hasLine?: (file: string, line: number) => boolean;
};

/** What a printed call is compared with. All answers are bounded in time and size. */
export type Vouchers = {
  /** Text of a regular source file; relative names start at the worker's directory. null if it cannot be read. */
  readSource: (path: string) => string | null;
  /** Names in the executable's own tables; null if there is no executable, or it has none. */
  program: ProgramTables | null;
  /** A class on the class path, by its full name with dots (`com.shop.Cart$Item`); null if it is not found. */
  readClass: (name: string) => VouchingClass | null;
};

/** What a class file says about the places of its methods. */
export type VouchingClass = {
  sourceFile: string | null;
  /** By name, with the lines of their code. */
  methods: ReadonlyMap<string, ReadonlySet<number>>;
  /** Lines beyond this one are of code that was inlined from elsewhere; null if there are none. */
  ownLines: number | null;
};

/**
 * Finds a runtime's last words, from the end of the lines. Never throws because of the text, looks at each character a
 * bounded number of times. @returns null if there are none
 */
export type LastWordsReader = (lines: readonly string[], vouchers: Vouchers) => LastWords | null;

/**
 * How sure it is that the process ended because of what it printed: `proven` by the form and the exit, `likely` if an app
 * that prints an exception and then exits would look the same, `printed` if that is what it seems to have done.
 */
export const PROOFS = ['proven', 'likely', 'printed'] as const;
export type Proof = (typeof PROOFS)[number];
