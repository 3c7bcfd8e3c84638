import { all, ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const API = 'https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java';
const GUIDE = 'https://docs.oracle.com/en/java/javase/21/troubleshoot';

/** Of the Java virtual machine, whatever language the program is written in; specific entries come first. */
export const JAVA: readonly CatalogEntry[] = [
  {
    id: 'jvm-fatal-signal',
    title: 'The JVM crashed in machine code',
    matches: ({ kind, source }) => kind === 'fault' && source === 'last-words',
    meaning:
      'A fatal signal in a native library, in the JVM itself, or in compiled code. An exception of the program does not cause this.',
    steps: [
      'Check the file of the first frame: another library than libjvm.so is the one to update or report.',
      'For libjvm.so, update the JDK, and check JNI and Unsafe calls in the frames below.',
      'Read hs_err_pid*.log in the working directory of the worker or in /tmp; it contains private data.',
    ],
    link: `${GUIDE}/fatal-error-log.html`,
  },
  {
    id: 'java-out-of-memory',
    title: 'The JVM ran out of memory',
    matches: ofType(/^java\.lang\.OutOfMemoryError$/),
    meaning:
      'The heap, the metaspace, direct buffers or threads reached a limit. The message of the exception says which.',
    steps: [
      'Read the message in the private log.',
      'For the heap, add -XX:+HeapDumpOnOutOfMemoryError, and look in the dump for what grows.',
      'Compare -Xmx or -XX:MaxRAMPercentage with the memory that the worker needs and its container has.',
    ],
    link: `${GUIDE}/troubleshooting-memory-leaks.html`,
  },
  {
    id: 'java-stack-overflow',
    title: 'A thread ran out of stack',
    matches: ofType(/^java\.lang\.StackOverflowError$/),
    meaning: 'The calls of a thread did not fit into its stack, most often because a recursion does not end.',
    steps: [
      'Find the calls that repeat in the stack, and the condition that must end them.',
      'If the recursion is as deep as the data, use a loop, or a larger stack (-Xss).',
    ],
    link: `${API}/lang/StackOverflowError.html`,
  },
  {
    id: 'java-class-version',
    title: 'A class needs a newer version of Java',
    matches: ofType(/^java\.lang\.UnsupportedClassVersionError$/),
    meaning: 'A class was compiled for a newer version of Java than the one that runs it.',
    steps: [
      'Run the worker with the version of Java that the program was compiled for, or a newer one.',
      'Or compile with --release of the installed version.',
    ],
    link: `${API}/lang/UnsupportedClassVersionError.html`,
  },
  {
    id: 'java-class-not-found',
    title: 'A class was not found',
    matches: ofType(/^java\.lang\.(?:ClassNotFoundException|NoClassDefFoundError)$/),
    meaning:
      'A class is not on the class path, or it was found, but could not be loaded or initialized before.',
    steps: [
      'Check the class path, and that the archive with the class was deployed.',
      'If an earlier ExceptionInInitializerError was logged, fix that first.',
    ],
    link: `${API}/lang/NoClassDefFoundError.html`,
  },
  {
    id: 'java-incompatible-library',
    title: 'Two libraries do not fit together',
    matches: ofType(
      /^java\.lang\.(?:NoSuchMethodError|NoSuchFieldError|AbstractMethodError|IncompatibleClassChangeError|IllegalAccessError)$/,
    ),
    meaning: 'A class has another form at run time than it had when the calling class was compiled.',
    steps: [
      'Compare the versions of both libraries: mvn dependency:tree or gradle dependencies shows them.',
      'Check that no old copy of an archive is on the class path.',
    ],
    link: `${API}/lang/IncompatibleClassChangeError.html`,
  },
  {
    id: 'java-native-library-missing',
    title: 'A JNI library could not be loaded',
    matches: ofType(/^java\.lang\.UnsatisfiedLinkError$/),
    meaning:
      'A shared library is missing, does not fit the machine, or lacks a function that the program calls.',
    steps: [
      'Check where the JVM looks for libraries, and that this one is for the architecture and C library (musl or glibc).',
      'Run ldd on the library to find one that it needs itself.',
    ],
    link: `${API}/lang/UnsatisfiedLinkError.html`,
  },
  {
    id: 'java-initializer-failed',
    title: 'A class could not be initialized',
    matches: ofType(/^java\.lang\.ExceptionInInitializerError$/),
    meaning: 'An exception was thrown while static fields of a class were set.',
    steps: ['Check the cause, and in its frames <clinit>: often a setting is missing or malformed.'],
    link: `${API}/lang/ExceptionInInitializerError.html`,
  },
  {
    id: 'java-port-not-bound',
    title: 'A port could not be bound',
    matches: ofType(
      /^(?:java\.net\.BindException|org\.springframework\.boot\.web\.server\.PortInUseException)$/,
    ),
    meaning: 'Another process or an earlier worker uses the port, or the address is not one of this machine.',
    steps: ['Find what listens with ss -ltnp.', 'Stop it, or configure another port or address.'],
    link: `${API}/net/BindException.html`,
  },
  {
    id: 'java-database-unreachable',
    title: 'No connection to the database',
    matches: ofType(
      /^(?:java\.sql\.SQL(?:Transient|NonTransient)ConnectionException|com\.mysql\.cj\.jdbc\.exceptions\.CommunicationsException|com\.zaxxer\.hikari\.pool\.HikariPool\$PoolInitializationException|com\.mongodb\.Mongo(?:Timeout|Socket\w{0,20})Exception)$/,
    ),
    meaning: 'The program could not get a connection to its database, and nothing caught the exception.',
    steps: [
      'Check that the database is running, and that URL and credentials are correct.',
      'Let the program retry at its start, and check the size of the connection pool.',
    ],
    link: 'https://docs.oracle.com/en/java/javase/21/docs/api/java.sql/java/sql/SQLTransientConnectionException.html',
  },
  {
    id: 'java-connection-failed',
    title: 'A host could not be reached',
    matches: ofType(
      /^java\.net\.(?:ConnectException|UnknownHostException|NoRouteToHostException|SocketTimeoutException|http\.HttpConnectTimeoutException)$/,
    ),
    meaning: 'A host was not found, did not answer in time, or refused the connection.',
    steps: [
      'Check in the first frame of your code what it connects to, and whether that service is running.',
      'Catch the exception there, and retry with a limit.',
    ],
    link: `${API}/net/ConnectException.html`,
  },
  {
    id: 'java-spring-startup',
    title: 'Spring could not create its beans',
    matches: ofType(
      /^org\.springframework\.(?:beans\.factory\.\w{1,60}Exception|context\.ApplicationContextException)$/,
    ),
    meaning: 'The application context did not start, because a bean could not be created or was not found.',
    steps: [
      'Check the innermost cause: often a setting, a missing bean, or a service that cannot be reached.',
      'Read the message in the private log: it names the bean.',
    ],
    link: 'https://docs.spring.io/spring-framework/reference/core/beans.html',
  },
  {
    id: 'java-file-not-accessible',
    title: 'A file could not be opened',
    matches: ofType(/^java\.(?:io\.FileNotFoundException|nio\.file\.(?:NoSuchFile|AccessDenied)Exception)$/),
    meaning: 'The code opened a file that does not exist, or that its user cannot access.',
    steps: [
      'Check the path in the first frame of your code, and the working directory of the worker.',
      'Check owner and permissions of the file.',
    ],
    link: `${API}/nio/file/NoSuchFileException.html`,
  },
  {
    id: 'java-concurrent-modification',
    title: 'A collection was changed during iteration',
    matches: ofType(/^java\.util\.ConcurrentModificationException$/),
    meaning: 'A collection was changed while a loop went over it, by the loop itself or by another thread.',
    steps: [
      'In a loop, remove elements with removeIf or through the iterator.',
      'Between threads, use a concurrent collection or a lock.',
    ],
    link: `${API}/util/ConcurrentModificationException.html`,
  },
  {
    id: 'java-null-pointer',
    title: 'A reference was null',
    matches: all(
      ofType(/^(?:java\.lang|kotlin)\.(?:Kotlin)?NullPointerException$/),
      ({ frames }) => frames.length > 0,
    ),
    meaning: 'A method was called, or a field or element was used, of a reference that is null.',
    steps: [
      'Read the message in the private log: since Java 15 it names the reference.',
      'Check in the first frame of your code why it can be null.',
    ],
    link: `${API}/lang/NullPointerException.html`,
  },
];
