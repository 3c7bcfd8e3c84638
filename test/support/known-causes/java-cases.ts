import { crash } from '../signature/stacks.ts';
import { type CauseCases, thrown } from './cause-cases.ts';

const java = (type: string, stack = 'com.shop.Cart.total (Cart.java:12:1)') => thrown('java', type, stack);
const fault = (source: 'capture' | 'last-words') =>
  crash({
    ...{
      kind: 'fault',
      exceptionType: null,
      signal: 'SIGSEGV',
      stack: 'com.shop.Cart.total (Cart.java:12:1)',
    },
    ...{ runtime: { name: 'java', version: '17' }, source },
  });

export const JAVA_CASES: Readonly<Record<string, CauseCases>> = {
  'jvm-fatal-signal': { matches: [fault('last-words')], misses: [fault('capture')] },
  'java-out-of-memory': {
    matches: [java('java.lang.OutOfMemoryError')],
    misses: [java('com.shop.OutOfMemoryError')],
  },
  'java-stack-overflow': {
    matches: [java('java.lang.StackOverflowError')],
    misses: [java('java.lang.InternalError')],
  },
  'java-class-version': {
    matches: [java('java.lang.UnsupportedClassVersionError')],
    misses: [java('java.lang.ClassFormatError')],
  },
  'java-class-not-found': {
    matches: [java('java.lang.NoClassDefFoundError'), java('java.lang.ClassNotFoundException')],
    misses: [java('java.lang.NoSuchFieldException')],
  },
  'java-incompatible-library': {
    matches: [java('java.lang.NoSuchMethodError')],
    misses: [java('java.lang.NoSuchMethodException')],
  },
  'java-native-library-missing': {
    matches: [java('java.lang.UnsatisfiedLinkError')],
    misses: [java('java.lang.LinkageError')],
  },
  'java-initializer-failed': {
    matches: [java('java.lang.ExceptionInInitializerError')],
    misses: [java('java.lang.InstantiationException')],
  },
  'java-port-not-bound': {
    matches: [java('java.net.BindException')],
    misses: [java('java.net.SocketException')],
  },
  'java-database-unreachable': {
    matches: [
      java('java.sql.SQLTransientConnectionException'),
      java('com.zaxxer.hikari.pool.HikariPool$PoolInitializationException'),
    ],
    misses: [java('java.sql.SQLSyntaxErrorException')],
  },
  'java-connection-failed': {
    matches: [java('java.net.ConnectException'), java('java.net.UnknownHostException')],
    misses: [java('java.net.MalformedURLException')],
  },
  'java-spring-startup': {
    matches: [java('org.springframework.beans.factory.UnsatisfiedDependencyException')],
    misses: [java('org.springframework.dao.DataAccessException')],
  },
  'java-file-not-accessible': {
    matches: [java('java.nio.file.NoSuchFileException')],
    misses: [java('java.nio.file.FileAlreadyExistsException')],
  },
  'java-concurrent-modification': {
    matches: [java('java.util.ConcurrentModificationException')],
    misses: [java('java.util.NoSuchElementException')],
  },
  'java-null-pointer': {
    matches: [java('java.lang.NullPointerException'), java('kotlin.KotlinNullPointerException')],
    misses: [
      { ...java('java.lang.NullPointerException'), frames: [] },
      java('com.shop.NullPointerException'),
    ],
  },
};
