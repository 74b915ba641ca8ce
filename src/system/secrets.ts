import {readFileSync} from 'node:fs';
import {FiredrillError} from './error.js';

/** Resolves `${secret:…}` references at the moment of use and remembers the values, so that they can be taken out of any text. */
export interface Secrets {
  /** @throws FiredrillError SECRET_MISSING when a reference has no value. */
  reveal(text: string): string;
  /** Replaces every secret value that was ever revealed by `***`. */
  redact(text: string): string;
}

const REFERENCE = /\$\{secret:(env|file):([^}]+)\}/g;
/** Shorter values would turn harmless words into stars. */
const SHORTEST_REDACTED = 4;

export function openSecrets(environment: Readonly<Record<string, string | undefined>>): Secrets {
  const values = new Set<string>();
  const lookUp = (kind: string, name: string): string => {
    if (kind === 'env') {
      const value = environment[name];
      if (value === undefined || value === '') {
        throw new FiredrillError(
          'SECRET_MISSING',
          `Expected the environment variable \`${name}\` for \${secret:env:${name}}; it is not set.`,
        );
      }
      return value;
    }
    try {
      return readFileSync(name, 'utf8').trimEnd();
    } catch (cause) {
      throw new FiredrillError('SECRET_MISSING', `Expected a readable file \`${name}\` for \${secret:file:${name}}.`, {
        cause,
      });
    }
  };
  return {
    reveal: text =>
      text.replace(REFERENCE, (_, kind: string, name: string) => {
        const value = lookUp(kind, name);
        if (value.length >= SHORTEST_REDACTED) {
          values.add(value);
          // As it looks inside JSON and inside URLs.
          values.add(JSON.stringify(value).slice(1, -1));
          values.add(encodeURIComponent(value));
        }
        return value;
      }),
    redact: text =>
      [...values].sort((a, b) => b.length - a.length).reduce((out, value) => out.replaceAll(value, '***'), text),
  };
}
