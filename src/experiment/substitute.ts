import {parsePlaceholder, PLACEHOLDERS} from '../signals/load/placeholder.js';
import {isSentByUsers, WHERE_SENT} from './load-text.js';
import type {Path} from './problem.js';
import {isMapping, pathKey, scalar, type ProblemReport, type Tree} from './reading/tree.js';
import {closest, suggestion} from './suggest.js';

/** Where the values of references come from. All of it is given; nothing is read here. */
export interface Values {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As written in the file, still with references to the environment. */
  readonly declared: Readonly<Record<string, unknown>>;
  /** From `--var name=value`. */
  readonly overrides: Readonly<Record<string, string>>;
}

const REFERENCE = /\$\$\{|\$\{([^{}]*)\}|\$\{/g;
const NAME = /^[A-Za-z_][\w.-]*$/;
const KINDS = ['var', 'env', 'secret', 'load'];
const FOR_USERS = new RegExp(`^(?:${PLACEHOLDERS.join('|')})[:}]`);

/** A string that is a secret reference and nothing else wrong with it. */
const SECRET = /^secret:(?:env:[A-Za-z_]\w*|file:[^\s:][^\0]*)$/;
const LOAD = /^load:.+\.[a-z]+$/;

/**
 * Replaces `${var:…}` and `${env:…}` in every string of a tree. `${secret:…}` and `${load:…}` stay (they are resolved
 * at the moment of use) but must be well-formed; `$${` stands for a literal `${`. Problems are reported where they are.
 */
export function substitute(tree: Tree, values: Values, report: ProblemReport): unknown {
  const scope = new Scope(values, report);
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      const text = scope.expand(value, path);
      const whole = text !== value && /^\$\{[^{}]*\}$/.test(value) && tree.places.get(pathKey(path))?.plain === true;
      return whole ? scalar(text) : text;
    }
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return walk(tree.value, []);
}

class Scope {
  private readonly resolving: string[] = [];
  private readonly known = new Map<string, string | undefined>();

  constructor(
    private readonly values: Values,
    private readonly report: ProblemReport,
  ) {}

  expand(text: string, path: Path): string {
    if (!text.includes('${')) return text;
    return text.replace(REFERENCE, (found: string, body: string | undefined, offset: number) => {
      if (found === '$${') return this.escaped(text.slice(offset + 3), path);
      if (body === undefined) {
        this.bad(path, 'expected a `}` after `${`; got none', 'write `$${` for a literal `${`');
        return found;
      }
      return this.resolve(body, path) ?? found;
    });
  }

  /** A literal `${secret:` would be taken for a reference later on. */
  private escaped(rest: string, path: Path): string {
    if (FOR_USERS.test(rest) && isSentByUsers(path))
      this.bad(path, 'expected a placeholder; `$${seq}` and its like cannot be written here', WHERE_SENT);
    if (/^(?:secret|load):/.test(rest))
      this.bad(path, 'expected a reference; `$${secret:` and `$${load:` cannot be written');
    return '${';
  }

  private resolve(body: string, path: Path): string | undefined {
    const [kind = ''] = body.split(':', 1);
    const rest = body.slice(kind.length + 1);
    switch (kind) {
      case 'var':
        return this.variable(rest, path);
      case 'env':
        return this.environment(rest, path);
      case 'secret':
        if (!SECRET.test(body)) {
          this.bad(path, `expected \`\${secret:env:NAME}\` or \`\${secret:file:PATH}\`; got \`\${${body}}\``);
        }
        return undefined;
      case 'load':
        if (!LOAD.test(body))
          this.bad(path, `expected a reference such as \`\${load:checkout.accepted}\`; got \`\${${body}}\``);
        return undefined;
      default:
        this.other(body, kind, path);
        return undefined;
    }
  }

  /** A placeholder stays: it is filled when a user sends it. Everything else is a mistake. */
  private other(body: string, kind: string, path: Path): void {
    const sent = isSentByUsers(path);
    const placeholder = parsePlaceholder(body);
    const literal = `Write \`$\${${body}}\` for a literal \`\${${body}}\``;
    if (placeholder === undefined) {
      const known = sent ? [...KINDS, ...PLACEHOLDERS] : KINDS;
      const meant =
        NAME.test(body) && closest(body, sent ? PLACEHOLDERS : []) === undefined
          ? `did you mean \`\${env:${body}}\` or \`\${var:${body}}\`?`
          : suggestion(kind, known);
      const hint = `${meant === undefined ? '' : `${meant} `}${literal}`;
      this.bad(path, `expected \`\${var:…}\`, \`\${env:…}\` or \`\${secret:…}\`; got \`\${${body}}\``, hint);
    } else if (!sent) {
      const message = `expected a text that is the same for all; \`\${${body}}\` differs from user to user, and ${WHERE_SENT}`;
      this.bad(path, message, literal);
    } else if ('expected' in placeholder) {
      this.bad(path, `expected ${placeholder.expected}; got \`\${${body}}\``);
    }
  }

  private environment(text: string, path: Path): string | undefined {
    const [name = '', ...defaults] = text.split(':-');
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      this.bad(path, `expected \`\${env:NAME}\` or \`\${env:NAME:-default}\`; got \`\${env:${text}}\``);
      return undefined;
    }
    const given = Object.hasOwn(this.values.environment, name) ? this.values.environment[name] : undefined;
    const value = given === undefined || given === '' ? (defaults.length > 0 ? defaults.join(':-') : given) : given;
    if (value === undefined) {
      const hint = `set it, or give a default: \`\${env:${name}:-…}\``;
      this.report.add({
        path,
        code: 'NO_VALUE',
        message: `expected a value in the environment variable \`${name}\`; it is not set`,
        hint,
      });
      return undefined;
    }
    return this.innocent(value, `the environment variable \`${name}\``, path);
  }

  /** A value from outside is text: it must not bring references of its own. */
  private innocent(value: string, from: string, path: Path): string {
    if (value.includes('${')) this.bad(path, `expected plain text in ${from}; it holds \`\${\``);
    return value;
  }

  private variable(name: string, path: Path): string | undefined {
    const names = Object.keys(this.values.declared);
    if (!NAME.test(name) || !names.includes(name)) {
      const hint = names.length === 0 ? 'declare it under `variables`' : suggestion(name, names);
      this.report.add({
        path,
        code: 'UNKNOWN_REFERENCE',
        message: `expected a declared variable; got \`${name}\``,
        hint,
      });
      return undefined;
    }
    if (this.known.has(name)) return this.known.get(name);
    if (this.resolving.includes(name)) {
      this.bad(path, `expected variables that do not need each other; got ${[...this.resolving, name].join(' → ')}`);
      return undefined;
    }
    this.resolving.push(name);
    const value = this.valueOf(name);
    this.resolving.pop();
    this.known.set(name, value);
    return value;
  }

  private valueOf(name: string): string | undefined {
    if (Object.hasOwn(this.values.overrides, name)) {
      return this.innocent(this.values.overrides[name] ?? '', `\`--var ${name}\``, ['variables', name]);
    }
    const declared = this.values.declared[name];
    if (typeof declared === 'string') return this.expand(declared, ['variables', name]);
    return typeof declared === 'number' || typeof declared === 'boolean' ? String(declared) : undefined;
  }

  private bad(path: Path, message: string, hint?: string): void {
    this.report.add({path, code: 'BAD_REFERENCE', message, hint});
  }
}
