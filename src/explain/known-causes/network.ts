import type { CrashFacts } from '../../model/crash-facts.ts';
import { all, hasCode, isConnecting, isListening, not } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const SYSTEM_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors';

/** Older reports name no emitter: a promise would give a rejection, and a callback would have own frames. */
const isUnheard = ({ emitter, kind, frames }: CrashFacts) =>
  emitter !== undefined || (kind === 'exception' && !frames.some(({ inApp }) => inApp));
const isUnheardRefusal = all(isUnheard, hasCode('ECONNREFUSED'), isConnecting);

/** `TypeError: terminated` from the built-in undici or the package. */
const isTerminatedFetch = ({ exceptionType, frames }: CrashFacts) =>
  exceptionType === 'TypeError' &&
  frames.some(
    ({ function: name, file, module }) =>
      /^Fetch\.(?:onAborted|terminate)$/.test(name ?? '') &&
      (file === 'node:internal/deps/undici/undici' || module === 'undici'),
  );

export const NETWORK: readonly CatalogEntry[] = [
  {
    id: 'port-in-use',
    title: 'The port is already in use',
    matches: all(hasCode('EADDRINUSE'), not(isConnecting)),
    meaning:
      'The app tried to listen on an address and port that another socket uses, often an earlier process of the app that is still running.',
    steps: [
      'Find the listening process with ss -ltnp on the instance.',
      'Stop the other process, or change one of the ports.',
      'If it is an earlier process of the app, make it close its server on SIGTERM.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'ports-exhausted',
    title: 'No local port left for a connection',
    matches: all(hasCode('EADDRINUSE', 'EADDRNOTAVAIL'), isConnecting),
    meaning:
      'An outgoing connection could not get a local address and port. Many connections to one address exhaust the ports, and closed connections hold theirs for a while.',
    steps: [
      'Reuse connections: use one client or a pool with keep-alive instead of a new connection per request.',
      'Count connections by state with ss -tan.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'port-not-permitted',
    title: 'No permission to listen on this port',
    matches: all(hasCode('EACCES'), isListening),
    meaning:
      'The system did not allow the app to listen. Ports below 1024 need a privilege; for a Unix domain socket the directory must be writable.',
    steps: [
      'Listen on port 1024 or above, behind a proxy or port mapping.',
      'If it must be a low port, grant the process CAP_NET_BIND_SERVICE.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'refused-without-listener',
    title: "Connection refused, without an 'error' listener",
    matches: isUnheardRefusal,
    meaning:
      'No process accepts connections at the address. The error was emitted as an event, and an error event without a listener ends the process.',
    steps: [
      "Add an 'error' listener to the socket, request or client.",
      'Check that the other service is running and that host and port are correct.',
      'Retry with backoff, because the other service may start later than the app.',
    ],
    link: 'https://nodejs.org/api/events.html#error-events',
  },
  {
    id: 'connection-refused',
    title: 'Connection refused',
    matches: all(hasCode('ECONNREFUSED'), not(isUnheardRefusal)),
    meaning:
      'No process accepts connections at the address: the other service is down, not started yet, or at another address.',
    steps: [
      'Check that the other service is running and that host and port are correct; in a container, localhost is the container itself.',
      'Handle the error, and retry with backoff.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'connection-reset',
    title: 'Connection reset by peer',
    matches: hasCode('ECONNRESET'),
    meaning:
      'The peer closed a connection that was in use: it, or a proxy in between, restarted, crashed or timed out. Nothing in the app handled the error.',
    steps: [
      "Add an 'error' listener, or catch the rejection, and open a new connection.",
      'Retry only requests that are safe to repeat.',
      'Compare the idle timeouts of client, proxy and server.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'answer-cut-off',
    title: 'The server closed the connection of a fetch',
    matches: (facts) => hasCode('UND_ERR_SOCKET')(facts) || isTerminatedFetch(facts),
    meaning:
      'A connection of fetch (undici) was closed before the response was complete: the server, or a proxy in between, restarted or timed out. V8 does not track the code that awaits the body, so the stack often has no app frames.',
    steps: [
      'Find the calls that read a body (text, json, arrayBuffer, for await, pipeline), and catch their rejections.',
      'Retry only requests that are safe to repeat.',
      'Compare the keep-alive timeouts of client, proxy and server.',
    ],
    link: 'https://undici.nodejs.org/#/docs/api/Errors',
  },
  {
    id: 'broken-pipe',
    title: 'Broken pipe',
    matches: hasCode('EPIPE'),
    meaning:
      'The app wrote to a socket or pipe whose reader is gone, such as a disconnected client or an exited child process.',
    steps: ["Add an 'error' listener to the stream.", 'Stop writing once the stream is closed.'],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'host-not-found',
    title: 'Host name not found',
    matches: hasCode('ENOTFOUND'),
    meaning: 'DNS has no address for the host name.',
    steps: [
      'Check the host name in the settings: spelling, missing domain, or an extra scheme.',
      'Look up the name on the instance with getent hosts.',
      'Handle the error where the connection is made.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'name-service-unavailable',
    title: 'DNS lookup failed temporarily',
    matches: hasCode('EAI_AGAIN'),
    meaning: 'A host name could not be resolved at the moment: no name server answered in time.',
    steps: [
      'Check the name servers in /etc/resolv.conf and whether the instance can reach them.',
      'Handle the error and try again later.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'connection-timed-out',
    title: 'Connection timed out',
    matches: hasCode(
      'ETIMEDOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'ESOCKETTIMEDOUT',
    ),
    meaning:
      'The peer did not answer in time. Possible reasons are a firewall that drops packets, a wrong address, or an overloaded service.',
    steps: [
      'Test the address from the instance, and check firewalls and security groups in between.',
      'Set your own timeout, handle its error, and retry with backoff.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'certificate-expired',
    title: 'Certificate expired',
    matches: hasCode('CERT_HAS_EXPIRED'),
    meaning: 'The certificate of the server is no longer valid, or the clock of the instance is wrong.',
    steps: ['Renew the certificate of the server.', 'Check the clock of the instance.'],
    link: 'https://nodejs.org/api/tls.html#x509-certificate-error-codes',
  },
  {
    id: 'certificate-not-trusted',
    title: 'Certificate not trusted',
    matches: hasCode(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ),
    meaning:
      'The instance does not know the issuer of the server certificate: it is self-signed, or the server does not send the intermediate certificates.',
    steps: [
      'Add the certificate authority with NODE_EXTRA_CA_CERTS.',
      'Make the server send its whole certificate chain.',
      'Do not disable certificate verification.',
    ],
    link: 'https://nodejs.org/api/tls.html#x509-certificate-error-codes',
  },
];
