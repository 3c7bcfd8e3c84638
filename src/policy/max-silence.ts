/**
 * What was printed earlier did not end the process. Measured of gunicorn, whose Python has much to clear away: 150 to 350 ms, more
 * than a second with six busy processes on each processor.
 */
export const MAX_SILENCE_MS = 3_000;
