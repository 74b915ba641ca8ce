#!/usr/bin/env node
// The same command line, from the TypeScript sources: `bin/dev.js run FILE`. Needs the development dependencies.
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {register} from 'tsx/esm/api';

register();
const {name, version, description} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const {main} = await import('../src/cli.ts');
await main(process.argv.slice(2), {root: fileURLToPath(new URL('..', import.meta.url)), name, version, description});
