'use strict';
// Loaded before the worker (--require), as Sentry's documentation has it; with the SDK's defaults.
require('@sentry/node').init({ dsn: process.env.BENCH_SENTRY_DSN });
