#!/usr/bin/env node
// The same command line, from the TypeScript sources: `bin/dev.js run FILE`. Needs the development dependencies.
'use strict';
const {join} = require('node:path');
const {name, version, description} = require('../package.json');

async function main() {
  const {register} = await import('tsx/esm/api');
  register();
  const cli = await import('../src/cli.ts');
  await cli.main(process.argv.slice(2), {root: join(__dirname, '..', '/'), name, version, description});
}

void main();
