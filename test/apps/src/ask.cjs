const http = require('node:http');

/** Status and body of one request to this very process's server. */
module.exports = function ask(port, path, method = 'GET') {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve(`${method} ${path} ${response.statusCode} ${body}`));
    });
    request.on('error', reject);
    request.end();
  });
};
