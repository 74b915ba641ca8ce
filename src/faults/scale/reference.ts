import type {FaultReference} from '../reference.js';

export const reference: FaultReference = {
  on: {
    kubernetes: {
      mechanism:
        '`PATCH` of `spec.replicas`, in one patch with the mark that holds the old number, guarded by the resource version.',
      undo: '`kubectl --context CONTEXT -n NAMESPACE scale KIND/NAME --replicas=WAS && kubectl annotate KIND/NAME` without the marks, as `plan` prints it; only while it still carries the number of the fault.',
      proof: '`spec.replicas` is the number asked for, and the controller has that many pods.',
      privileges:
        'A kubeconfig whose user may `get`, `list` pods and workloads and `patch` the workload. `plan` asks the cluster whether it may.',
      limits:
        'Refused for a workload with a HorizontalPodAutoscaler, which would undo it, and for one that another controller manages.',
    },
  },
  examples: [
    {
      on: 'kubernetes',
      title: 'Nobody answers for checkout',
      fault: `name: scale to nothing
scale: { replicas: 0 }
targets: [deployment]
for: 30s`,
    },
  ],
};
