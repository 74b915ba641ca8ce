#!/usr/bin/env node
// The same command line, from the TypeScript sources: `bin/dev.js run FILE`. Needs the development dependencies.
import {register} from 'tsx/esm/api';

register();
const {main} = await import('../src/cli.ts');
await main(process.argv.slice(2), import.meta.url);
