import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    kubernetes: {
      mechanism: '`DELETE` of the pod, with its uid as precondition: another pod of the same name is never hit.',
      undo: "Its controller replaces it; what is owed is that as many pods are ready as before: `kubectl --context CONTEXT -n NAMESPACE wait KIND/NAME --for=jsonpath='{.status.readyReplicas}'=N --timeout=5m && kubectl annotate KIND/NAME` without the marks, as `plan` prints it.",
      proof: 'The pod has a deletion timestamp or is gone (by uid).',
      privileges:
        'A kubeconfig whose user may `get`, `list` pods and workloads and `delete` pods and `patch` the workload (for the mark). `plan` asks the cluster whether it may.',
      limits: 'A bare pod cannot be put back: it needs `safety: { irreversible: allow }`. `heal: undo` is refused.',
    },
  },
  examples: [
    {
      on: 'kubernetes',
      title: 'A pod of checkout is lost',
      fault: `name: lose a pod
delete: { grace: 0s }
targets: [pods]
for: 30s`,
    },
  ],
};
