import {FiredrillError} from '../../../../system/error.js';
import {excerpt} from '../../../../system/secrets.js';
import type {TargetRef} from '../../../contract.js';
import type {Engine} from './engine.js';
import {messageOf} from './failures.js';

const MOST_OUTPUT = 1 << 20;
const STDOUT = 1;

/** The engine multiplexes both outputs: 8 bytes of header (stream, length), then the payload. */
export function demultiplex(data: Buffer): {readonly stdout: string; readonly stderr: string} {
  const streams: {stdout: Buffer[]; stderr: Buffer[]} = {stdout: [], stderr: []};
  for (let at = 0; at + 8 <= data.length;) {
    const length = data.readUInt32BE(at + 4);
    const payload = data.subarray(at + 8, at + 8 + length);
    (data[at] === STDOUT ? streams.stdout : streams.stderr).push(payload);
    at += 8 + length;
  }
  return {
    stdout: Buffer.concat(streams.stdout).toString('utf8'),
    stderr: Buffer.concat(streams.stderr).toString('utf8'),
  };
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MOST_OUTPUT) throw new Error(`it wrote more than ${MOST_OUTPUT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Runs a command in the container and answers its standard output. Throws TARGET_UNSUITABLE when it cannot be run or
 * ends with another code than 0. The engine has no way to end a command that was started: on an abort only the wait
 * ends.
 */
export async function askContainer(
  engine: Engine,
  ref: TargetRef,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const asked = command.join(' ');
  try {
    const options = {Cmd: command, AttachStdout: true, AttachStderr: true, abortSignal: signal} as const;
    const exec = await engine.docker.getContainer(ref.object).exec(options);
    const stream = await exec.start({Detach: false, Tty: false, abortSignal: signal});
    const {stdout, stderr} = demultiplex(await collect(stream));
    const {ExitCode: code} = (await exec.inspect({abortSignal: signal})) as {readonly ExitCode?: number | null};
    if (code !== 0)
      throw new Error(`it ended with code ${String(code)}: ${excerpt(stderr || stdout, 300, engine.redact)}`);
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    throw new FiredrillError(
      'TARGET_UNSUITABLE',
      `expected an answer to \`${asked}\` in container \`${ref.name}\`; got: ${messageOf(error)}`,
      {cause: error},
    );
  }
}
