import * as z from 'zod';
import {regularExpression, showValue} from '../../../quantities/schema.js';

const SUPPORTED_HOST = /^(unix:\/\/\/.+|(tcp|http|https):\/\/[^/]+\/?)$/;

/** What is wrong with an engine endpoint, or undefined. References that are resolved later are not judged. */
export function hostProblem(host: string): string | undefined {
  if (host.includes('${') || SUPPORTED_HOST.test(host)) return undefined;
  if (host.startsWith('ssh://')) {
    return `expected an engine endpoint \`unix:///…\` or \`tcp://host:port\`; got \`${host}\`: ssh endpoints are not supported, forward the socket (\`ssh -L /tmp/engine.sock:/var/run/docker.sock HOST\`) and name \`unix:///tmp/engine.sock\``;
  }
  return `expected an engine endpoint \`unix:///var/run/docker.sock\` or \`tcp://host:port\`; got \`${host}\``;
}

const text = (what: string) => z.string({error: issue => `expected ${what}; got ${showValue(issue.input)}`}).min(1);

const labels = () =>
  z.record(
    z.string().min(1),
    z.string({
      error: issue => `expected a label value as text (quote numbers and \`true\`); got ${showValue(issue.input)}`,
    }),
  );

const tls = () =>
  z.strictObject({
    ca: text('the path of a CA certificate').optional().describe('Path of the CA certificate (PEM) of the engine.'),
    cert: text('the path of a certificate').optional().describe('Path of the client certificate (PEM).'),
    key: text('the path of a key').optional().describe('Path of the client key (PEM).'),
  });

const CRITERIA = ['name', 'namePattern', 'labels', 'project', 'service', 'image', 'network'] as const;

const details = () =>
  z
    .strictObject({
      name: text('a container name').optional().describe('Exact container name, or its id (12 or more digits).'),
      namePattern: regularExpression()
        .min(1)
        .optional()
        .describe('Regular expression that the whole container name must match.'),
      labels: labels().optional().describe('Labels that the container must carry, all of them.'),
      project: text('a compose project').optional().describe('Docker Compose project.'),
      service: text('a compose service')
        .optional()
        .describe('Docker Compose service (one-off `run` containers left out).'),
      image: text('an image name').optional().describe('Image name or id; containers of derived images match too.'),
      network: text('a network name').optional().describe('Name or id of a network that the container is attached to.'),
      host: z
        .string()
        .superRefine((host, context) => {
          const problem = hostProblem(host);
          if (problem !== undefined) context.issues.push({code: 'custom', message: problem, input: host});
        })
        .optional()
        .describe('Engine endpoint, `unix://…` or `tcp://host:port`; default: `DOCKER_HOST`, else the local socket.'),
      context: text('a docker context').optional().describe('Docker context to take the endpoint from.'),
      tls: tls().optional().describe('Certificates for a `tcp://` endpoint.'),
      all: z.boolean().optional().describe('Also consider containers that are not running.'),
      enter: z
        .enum(['auto', 'nsenter', 'helper'])
        .optional()
        .describe(
          "How network faults enter the container's network namespace: `nsenter` (needs root on the engine's host), `helper` (a container beside it), or `auto`, the default: nsenter where it is possible, else a helper.",
        ),
      helperImage: text('an image name')
        .optional()
        .describe(
          'Image of helper containers (with sh, tc and iptables; see helper/Dockerfile); default: `FIREDRILL_HELPER_IMAGE`, else `firedrill-helper:1`. It is never pulled.',
        ),
    })
    .refine(value => CRITERIA.some(key => value[key] !== undefined), {
      error: `expected at least one of ${CRITERIA.map(key => `\`${key}\``).join(', ')}; got none, which would match every container`,
    })
    .refine(value => value.host === undefined || value.context === undefined, {
      error: 'expected `host` or `context`; got both',
    });

/** A container name, or everything a Docker selector can say. Normalised to the long form. */
export const selector = () =>
  z
    .union([text('a container name').transform(name => ({name})), details()])
    .describe(
      'Docker containers: a name, or `{name, namePattern, labels, project, service, image, network, host, …}`.',
    );

export type DockerSelector = z.infer<ReturnType<typeof details>>;
