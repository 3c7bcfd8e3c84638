import type { CrashFacts } from '../../model/crash-facts.ts';
import { all, hasCode, isConnecting, isListening, not } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const SYSTEM_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors';

/** Reports of older versions name no emitter: of a promise it would be a rejection, and in a callback own frames would follow. */
const isUnheard = ({ emitter, kind, frames }: CrashFacts) =>
  emitter !== undefined || (kind === 'exception' && !frames.some(({ inApp }) => inApp));
const isUnheardRefusal = all(isUnheard, hasCode('ECONNREFUSED'), isConnecting);

/** `TypeError: terminated`, of Node's own undici or of the package. */
const isTerminatedFetch = ({ exceptionType, frames }: CrashFacts) =>
  exceptionType === 'TypeError' &&
  frames.some(
    ({ function: name, file, module }) =>
      /^Fetch\.(?:onAborted|terminate)$/.test(name ?? '') &&
      (file === 'node:internal/deps/undici/undici' || module === 'undici'),
  );

export const NETWORK: readonly CatalogueEntry[] = [
  {
    id: 'port-in-use',
    title: 'The port is already in use',
    matches: all(hasCode('EADDRINUSE'), not(isConnecting)),
    meaning:
      'The app asked to listen on an address and port that another socket holds. That is often an earlier copy of the app that has not ended yet.',
    steps: [
      'Find who listens, with ss -ltnp on the instance.',
      'Stop the other process, or give one of the two another port.',
      'If it is an earlier copy of the app, let it close its server on SIGTERM.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'ports-exhausted',
    title: 'No local port was left for a connection',
    matches: all(hasCode('EADDRINUSE', 'EADDRNOTAVAIL'), isConnecting),
    meaning:
      'An outgoing connection could not get a local address and port. Many connections to one address use them up, and closed ones block theirs for a while.',
    steps: [
      'Reuse connections: use one client or a pool with keep-alive in place of a new connection for each request.',
      'Count the connections by state, with ss -tan.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'port-not-permitted',
    title: 'Listening on this port is not permitted',
    matches: all(hasCode('EACCES'), isListening),
    meaning:
      'The system refused to let the app listen. Ports below 1024 need a privilege that ordinary users do not have; for a socket in the file system its directory must be writable.',
    steps: [
      'Listen on a port from 1024 on, behind a proxy or a port mapping.',
      'If it must be a low port, give the process the capability CAP_NET_BIND_SERVICE.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'refused-without-listener',
    title: 'A refused connection, and nobody listened for the error',
    matches: isUnheardRefusal,
    meaning:
      'Nothing accepted the connection at the address that the app connected to. The error came as an event, and an error event without a listener ends the process.',
    steps: [
      "Add a listener for 'error' to the socket, request or client.",
      'Check that the other service runs and that host and port are right.',
      'Retry with growing pauses, because the other side may start later than the app.',
    ],
    link: 'https://nodejs.org/api/events.html#error-events',
  },
  {
    id: 'connection-refused',
    title: 'A connection was refused',
    matches: all(hasCode('ECONNREFUSED'), not(isUnheardRefusal)),
    meaning:
      'Nothing accepted the connection at the address that the app connected to: the other service is down, not up yet, or somewhere else.',
    steps: [
      'Check that the other service runs and that host and port are right; inside a container localhost is the container itself.',
      'Handle the error, and retry with growing pauses.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'connection-reset',
    title: 'The other side closed the connection',
    matches: hasCode('ECONNRESET'),
    meaning:
      'The other side ended a connection that was still in use: it restarted or crashed, gave up waiting, or a proxy between them did. Nothing in the app handled it.',
    steps: [
      "Add a listener for 'error', or catch the rejection, and open a new connection.",
      'Repeat only requests that may safely be made twice.',
      'Compare the idle timeouts of client, proxy and server.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'answer-cut-off',
    title: 'The other side closed the connection of a fetch',
    matches: (facts) => hasCode('UND_ERR_SOCKET')(facts) || isTerminatedFetch(facts),
    meaning:
      'A connection of fetch (undici) was closed before the answer was complete: the other side restarted, gave up, or a proxy did. V8 does not know who waits for the rest of a body, so the stack often shows none of the app.',
    steps: [
      'Look at the calls that read a body: text, json, arrayBuffer, for await, pipeline. Catch what they reject.',
      'Repeat only requests that may safely be made twice.',
      'Compare the keep-alive timeouts of client, proxy and server.',
    ],
    link: 'https://undici.nodejs.org/#/docs/api/Errors',
  },
  {
    id: 'broken-pipe',
    title: 'Written to something that nobody reads any more',
    matches: hasCode('EPIPE'),
    meaning:
      'The app wrote to a socket or a pipe whose reader is gone, such as a client that left or a child process that ended.',
    steps: [
      "Add a listener for 'error' to the stream that is written to.",
      'Stop writing once the stream is closed.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'host-not-found',
    title: 'A host name was not found',
    matches: hasCode('ENOTFOUND'),
    meaning: 'The name service has no address for the name that the app asked for.',
    steps: [
      'Check the host name in the settings: spelling, a missing domain, a scheme that does not belong there.',
      'Look the name up on the instance, with getent hosts.',
      'Handle the error where the connection is made.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'name-service-unavailable',
    title: 'The name service did not answer',
    matches: hasCode('EAI_AGAIN'),
    meaning: 'A host name could not be looked up for the moment: no name server answered in time.',
    steps: [
      'Check the name servers in /etc/resolv.conf and whether the instance reaches them.',
      'Handle the error and try again later.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'connection-timed-out',
    title: 'A connection timed out',
    matches: hasCode(
      'ETIMEDOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'ESOCKETTIMEDOUT',
    ),
    meaning:
      'The other side did not answer in time. A firewall that drops packets, a wrong address, or an overloaded service look like this.',
    steps: [
      'Try the address from the instance, and look for firewalls and security groups in between.',
      'Set a timeout of your own, handle its error, and retry with growing pauses.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'certificate-expired',
    title: 'A certificate has expired',
    matches: hasCode('CERT_HAS_EXPIRED'),
    meaning:
      'The certificate of the server that the app connected to is no longer valid, or the clock of the instance is wrong.',
    steps: ['Renew the certificate of that server.', 'Compare the clock of the instance with another one.'],
    link: 'https://nodejs.org/api/tls.html#x509-certificate-error-codes',
  },
  {
    id: 'certificate-not-trusted',
    title: 'A certificate is not trusted',
    matches: hasCode(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ),
    meaning:
      'The server that the app connected to has a certificate whose issuer the instance does not know: it signed its own, or it does not send the certificates in between.',
    steps: [
      'Name the authority to Node with NODE_EXTRA_CA_CERTS.',
      'Make the server send its whole chain of certificates.',
      'Do not switch the check off.',
    ],
    link: 'https://nodejs.org/api/tls.html#x509-certificate-error-codes',
  },
];
