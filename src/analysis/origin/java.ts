import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Class names say it: a stack names no jar. */
export const javaOrigin: OriginRule = ({ function: name, file }) => {
  // Machine code, from the log of a fatal error.
  if (file !== null && /^[\w.+-]+\.so[.\d]*$/.test(file)) return library(file);
  if (name === null || RUNTIME.test(name)) return library('java');
  const framework = FRAMEWORKS.exec(name)?.[1];
  return framework === undefined ? OWN : library(framework);
};

const RUNTIME =
  /^(?:java|javax|jdk|sun|com\.sun|jakarta|kotlin|kotlinx|scala|clojure|groovy|org\.codehaus\.groovy)\./;
/** Of two or three parts, as their projects call themselves. */
const FRAMEWORKS =
  /^(org\.springframework|org\.apache\.\w{1,40}|org\.hibernate|org\.eclipse\.\w{1,40}|org\.junit|org\.slf4j|io\.netty|io\.undertow|io\.vertx|io\.micronaut|io\.quarkus|io\.ktor|reactor|com\.fasterxml|com\.google\.\w{1,40}|com\.zaxxer|akka|okhttp3|ch\.qos\.logback)\./;
