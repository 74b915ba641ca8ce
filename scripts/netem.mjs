// `npm run test:netem [-- files or mocha options]`: the tests that need a kernel with netem. Where this machine's kernel has
// it they run here; else under Debian's user-mode-linux (scripts/netem-kernel). The last line is
// `N passed, N failed, N skipped`.
import {execFileSync} from 'node:child_process';
import {runMocha} from './mocha.mjs';
import {root} from './steps.mjs';

/** For a kernel that hangs: where nothing else is at work it takes a third of it. */
const LIMIT_S = 1800;

/** The same that test/support/needs.ts asks for; here only to choose the kernel. */
function hasNetem() {
  try {
    const probe = 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms && ip link add ifb9 type ifb';
    execFileSync('unshare', ['-n', 'sh', '-c', probe], {stdio: 'ignore', timeout: 10_000});
    return true;
  } catch {
    return false;
  }
}

function hasUserModeLinux() {
  try {
    execFileSync('sh', ['-c', 'command -v linux.uml'], {stdio: 'ignore'});
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

const given = process.argv.slice(2);
const specs = given.some(argument => argument.endsWith('.ts')) ? given : ['test/netem/**/*.test.ts', ...given];
const kernel = [`${root}/scripts/netem-kernel`, '--limit', String(LIMIT_S), '--'];
const through = !hasNetem() && hasUserModeLinux() ? kernel : [];
process.stdout.write(`\nnetem: on ${through.length === 0 ? 'this kernel' : "Debian's user-mode-linux"}\n`);
const {passed, failed, skipped} = await runMocha(specs, {through});
process.exitCode = failed === 0 ? 0 : 1;
process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
