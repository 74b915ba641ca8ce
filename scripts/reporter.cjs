// Mocha's own `spec` output, then the list of what was skipped and why, and the counts in a file for scripts/test.mjs.
const {writeFileSync} = require('node:fs');
const {reporters, Runner} = require('mocha');

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = new Map();
    runner.on(Runner.constants.EVENT_TEST_PENDING, test => {
      const suite = test.parent?.fullTitle() ?? '';
      const reason = /\[skipped: (.*)\]$/.exec(suite);
      const name = reason === null ? test.fullTitle() : suite.slice(0, reason.index).trim();
      skipped.set(name, reason?.[1] ?? 'marked as pending');
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      if (skipped.size > 0) console.log('  skipped:');
      for (const [name, why] of skipped) console.log(`    ${name}: ${why}`);
      const {passes = 0, failures = 0, pending = 0} = this.stats ?? {};
      const file = process.env.FIREDRILL_TEST_COUNTS;
      if (file) writeFileSync(file, JSON.stringify({passed: passes, failed: failures, skipped: pending}));
    });
  }
};
