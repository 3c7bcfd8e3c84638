/** One step of how a signature was formed, in words for people. */
export type SignaturePart = {
  /** Is it part of the signature, or was it left out? */
  used: boolean;
  /** A normalized name or value, or what was left out; plain text of one line. */
  text: string;
  why: string;
};

/** What one version of the algorithm makes of a crash. */
export type FormedSignature = {
  /** What is hashed: equal for crashes of one cause. */
  key: readonly string[];
  title: string;
  parts: readonly SignaturePart[];
};
