// A server that serves, and leaves its process id in the file that $PID_FILE names.
const fs = require('node:fs');
const http = require('node:http');

http
  .createServer((_, response) => response.end('served'))
  .listen(0, '127.0.0.1', () => {
    fs.writeFileSync(`${process.env.PID_FILE}.new`, String(process.pid));
    fs.renameSync(`${process.env.PID_FILE}.new`, process.env.PID_FILE);
  });
