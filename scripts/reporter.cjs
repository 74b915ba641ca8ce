// Mocha's own `spec` output, then the list of what was skipped and why, and the counts in a file for scripts/mocha.mjs.
// With FIREDRILL_TEST_PART the run is one of several side by side: failures and skips go into the file only, for the one
// list at the end.
const {writeFileSync} = require('node:fs');
const {format} = require('node:util');
const {reporters, Runner} = require('mocha');

const isPart = process.env.FIREDRILL_TEST_PART === '1';
/** What a test left open must not keep the run from its end. */
const END_WITHIN_MS = 10_000;

module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skips = new Map();
    runner.on(Runner.constants.EVENT_TEST_PENDING, test => {
      const suite = test.parent?.fullTitle() ?? '';
      const reason = /\[skipped: (.*)\]$/.exec(suite);
      const name = reason === null ? test.fullTitle() : suite.slice(0, reason.index).trim();
      skips.set(name, reason?.[1] ?? 'marked as pending');
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      if (!isPart && skips.size > 0) console.log('  skipped:');
      if (!isPart) for (const [name, why] of skips) console.log(`    ${name}: ${why}`);
      const file = process.env.FIREDRILL_TEST_COUNTS;
      const {passes: passed = 0, failures: failed = 0, pending: skipped = 0} = this.stats ?? {};
      const counts = {
        passed,
        failed,
        skipped,
        skips: [...skips],
        failures: this.listed(),
        failedTests: this.failedTests(),
      };
      if (file) writeFileSync(file, JSON.stringify(counts));
      const end = () => {
        const why = `the tests are over and something is still open: ${process.getActiveResourcesInfo().join(', ')}`;
        console.log(why);
        const failures = `${counts.failures}\n${why}`.trim();
        if (file) writeFileSync(file, JSON.stringify({...counts, failed: failed + 1, failures, failedTests: []}));
        process.exit(1);
      };
      setTimeout(end, END_WITHIN_MS).unref();
    });
  }

  epilogue() {
    if (!isPart) super.epilogue();
  }

  /** The names of the tests that failed; none where something else than a test did (a hook). */
  failedTests() {
    if (this.failures.some(({type}) => type !== 'test')) return [];
    return this.failures.map(test => test.fullTitle());
  }

  /** The failures as mocha prints them. */
  listed() {
    if (this.failures.length === 0) return '';
    const lines = [];
    const print = reporters.Base.consoleLog;
    reporters.Base.consoleLog = (...values) => lines.push(format(...values));
    reporters.Base.list(this.failures);
    reporters.Base.consoleLog = print;
    return lines.join('\n').trim();
  }
};
