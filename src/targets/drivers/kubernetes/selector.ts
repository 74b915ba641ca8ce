import * as z from 'zod';
import type {JsonObject} from '../../../quantities/json.js';
import type {Kind} from '../../target.js';

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

const WORKLOAD_KINDS = ['deployment', 'statefulset', 'replicaset'] as const;

const objectName = (what: string) =>
  z
    .string()
    .max(253)
    .regex(DNS_NAME, {
      error: issue => `expected the name of a ${what} such as \`shop\`; got \`${String(issue.input)}\``,
    });

const labels = () =>
  z.record(
    z
      .string()
      .regex(LABEL_KEY, {error: issue => `expected a label key such as \`app\`; got \`${String(issue.input)}\``}),
    z
      .string({error: 'expected the label value as a text (put numbers and `true` in quotes)'})
      .max(63)
      .regex(LABEL_VALUE, {
        error: issue => `expected a label value such as \`checkout\`; got \`${String(issue.input)}\``,
      }),
  );

/** Single pods, or a workload as a whole. */
export function kindsOf({kind}: JsonObject): readonly Kind[] {
  return [kind === 'pod' || kind === undefined ? 'pod' : 'workload'];
}

/** The context is always named in the file: the ambient current-context is never used. */
export const selector = () =>
  z
    .strictObject({
      context: z
        .string({error: 'expected the kube context to use: it is never taken from the ambient current-context'})
        .min(1)
        .describe('Context of the kubeconfig; always named here, never the ambient one.'),
      kubeconfig: z
        .string()
        .min(1)
        .optional()
        .describe('Path of the kubeconfig; by default `KUBECONFIG`, else `~/.kube/config`.'),
      namespace: objectName('namespace').describe('Namespace of the targets.'),
      kind: z
        .enum(['pod', ...WORKLOAD_KINDS])
        .default('pod')
        .describe('What is hit: single pods, or a workload as a whole.'),
      labels: labels().optional().describe('All of these labels; the server filters.'),
      name: objectName('pod or workload').optional().describe('The exact name.'),
    })
    .describe('Pods or workloads of a Kubernetes cluster, by namespace and labels or name.');
