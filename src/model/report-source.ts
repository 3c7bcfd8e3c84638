/**
 * Where a report is from: an armed capture, what the runtime printed when it ended, the core dump that the system's handler
 * took (systemd-coredump or ABRT), or a sender other than crashmon.
 */
export const REPORT_SOURCES = ['capture', 'last-words', 'system-core', 'sender'] as const;
export type ReportSource = (typeof REPORT_SOURCES)[number];
