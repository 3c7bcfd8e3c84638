/**
 * Where a report is from: an armed capture, what the runtime printed when it ended, or a sender other than crashmon.
 */
export const REPORT_SOURCES = ['capture', 'last-words', 'sender'] as const;
export type ReportSource = (typeof REPORT_SOURCES)[number];
