import {randomUUID} from 'node:crypto';
import {setTimeout as delay} from 'node:timers/promises';
import {AppsV1Api, CoreV1Api, KubeConfig, loadYaml, type V1Deployment, type V1Namespace} from '@kubernetes/client-node';
import type {JsonObject} from '../../src/quantities/json.js';
import {selector} from '../../src/targets/drivers/kubernetes/selector.js';

/** An image that the cluster has or can pull, with a shell. */
const IMAGE = process.env['FIREDRILL_TEST_IMAGE'] ?? 'busybox';
const READY_SECONDS = 2;

/** A namespace of the test's own on the cluster of FIREDRILL_TEST_KUBECONFIG; removed with everything in it. */
export class TestNamespace {
  private constructor(
    readonly name: string,
    readonly kubeconfig: string,
    readonly context: string,
    readonly core: CoreV1Api,
    readonly apps: AppsV1Api,
  ) {}

  static async make(): Promise<TestNamespace> {
    const path = process.env['FIREDRILL_TEST_KUBECONFIG'];
    if (!path) throw new Error('FIREDRILL_TEST_KUBECONFIG is not set');
    const config = new KubeConfig();
    config.loadFromFile(path);
    const core = config.makeApiClient(CoreV1Api);
    const name = `firedrill-test-${randomUUID().slice(0, 8)}`;
    await core.createNamespace({body: loadYaml<V1Namespace>(`metadata: {name: ${name}}`)});
    return new TestNamespace(name, path, config.currentContext, core, config.makeApiClient(AppsV1Api));
  }

  /** A deployment whose pods become ready about two seconds after their start and end at once. */
  async deploy(app: string, replicas: number): Promise<void> {
    const body = loadYaml<V1Deployment>(`
      metadata: {name: ${app}, labels: {app: ${app}}}
      spec:
        replicas: ${replicas}
        selector: {matchLabels: {app: ${app}}}
        template:
          metadata: {labels: {app: ${app}}}
          spec:
            terminationGracePeriodSeconds: 1
            containers:
              - name: main
                image: ${IMAGE}
                imagePullPolicy: IfNotPresent
                command: [sh, -c, while true; do sleep 1; done]
                readinessProbe:
                  exec: {command: ["true"]}
                  initialDelaySeconds: ${READY_SECONDS}
                  periodSeconds: 1
    `);
    await this.apps.createNamespacedDeployment({namespace: this.name, body});
    await this.until(app, deployment => (deployment.status?.readyReplicas ?? 0) === replicas);
  }

  read(app: string): Promise<V1Deployment> {
    return this.apps.readNamespacedDeployment({name: app, namespace: this.name});
  }

  /** Waits at most a minute for the deployment to look like this. */
  async until(app: string, holds: (deployment: V1Deployment) => boolean): Promise<void> {
    for (let tries = 0; tries < 240; tries++) {
      if (holds(await this.read(app))) return;
      await delay(250);
    }
    throw new Error(`deployment ${app} did not get there within a minute`);
  }

  selector(given: Record<string, unknown>): JsonObject {
    const base = {context: this.context, kubeconfig: this.kubeconfig, namespace: this.name};
    return selector().parse({...base, ...given}) as JsonObject;
  }

  async remove(): Promise<void> {
    await this.core.deleteNamespace({name: this.name});
  }
}
