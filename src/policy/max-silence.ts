/**
 * What was printed earlier did not end the process. Measured of gunicorn, whose Python has much to clear away: 150 to 350 ms, more
 * than a second with six busy processes on each processor.
 */
export const MAX_SILENCE_MS = 3_000;

/**
 * The same where the runtime writes a dump between its words and its end: createdump of .NET 9 took 1.3 to 4 s for 6 to 113 MB, on a busy
 * machine.
 */
export const MAX_DUMP_MS = 300_000;
