import * as z from 'zod';
import type {UndoForm} from '../../../debt.js';
import {interposerFolder} from '../mechanisms/interposer/home.js';

/**
 * What a mark on an engine may ask for: the undos that our own drafts make, and nothing that could be anything else.
 * Some of these arguments become words of a shell, names of files or pids of the host: a mark is no place to choose
 * those freely.
 */

const text = () => z.string().max(1_000);
const tag = () => z.string().regex(/^[0-9a-f]{12}$/, 'twelve hexadecimal digits');
const count = () => z.int().min(0);
const milliseconds = () => z.number().min(0);
const pid = () => z.int().min(1);
const ticks = () => z.string().regex(/^\d{1,20}$/, 'a start time in ticks');
const port = () => z.int().min(0).max(65_535);
const ports = () => z.array(z.tuple([port(), port()])).optional();
const protocol = () => z.enum(['tcp', 'udp', 'icmp']).optional();
const family = () => z.union([z.literal(4), z.literal(6)]);
const ADDRESS = '[0-9A-Fa-f.:]{1,45}';
const address = () => z.string().regex(new RegExp(`^${ADDRESS}$`), 'an address');
const block = () => z.string().regex(new RegExp(`^${ADDRESS}/\\d{1,3}$`), 'a block of addresses');
const device = () => z.string().regex(/^[A-Za-z0-9][\w.:@-]{0,14}$/, 'the name of an interface');
const way = () => z.enum(['ingress', 'egress']);
const limit = () => z.int().min(-1);
const nothing = () => z.strictObject({});
/** A path without a step upwards; links are followed by nobody who takes it from an undo. */
const path = () =>
  z
    .string()
    .max(4_096)
    .regex(/^\/[^\0]*$/, 'an absolute path')
    .refine(value => !value.split('/').includes('..'), 'a path without `..`');

const lifecycle: Readonly<Record<string, UndoForm>> = {
  'container.unpause': {args: nothing, proofs: {'is-paused': nothing}},
  'container.start': {args: nothing, proofs: {'is-down': nothing}},
  'container.restart': {
    args: () => z.strictObject({graceMs: milliseconds(), incarnation: text()}),
    proofs: {
      'are-missing': () =>
        z.strictObject({
          incarnation: text(),
          before: count(),
          match: text().optional(),
          name: text().optional(),
          includeMain: z.boolean(),
        }),
    },
  },
};

/** A limit that is put back: only that one, in the engine's own terms. */
function limitForm(what: string, update: z.ZodType, value: z.ZodType): Readonly<Record<string, UndoForm>> {
  const proof = `is-limited-to-${what === 'cpu' ? 'cpus' : what}`;
  return {
    [`container.limit-${what}`]: {
      args: () => z.strictObject({update, value}),
      proofs: {[proof]: () => z.strictObject({value, feltBefore: z.number().optional()})},
    },
  };
}

const limits = () => ({
  ...limitForm(
    'cpu',
    z.union([z.strictObject({NanoCpus: count()}), z.strictObject({CpuQuota: limit()})]),
    z.number().min(0).nullable(),
  ),
  ...limitForm(
    'memory',
    z.strictObject({Memory: count(), MemorySwap: limit().optional()}),
    z.strictObject({limit: count(), swap: limit()}),
  ),
  ...limitForm('pids', z.strictObject({PidsLimit: limit()}), limit().nullable()),
});

/** As a segment of the engine's paths. */
const networkId = () => z.string().regex(/^[A-Za-z0-9][\w.-]{0,254}$/, 'a network');
const network = () => ({network: networkId(), name: networkId()});
const attachment = () =>
  z.strictObject({
    aliases: z.array(text()),
    links: z.array(text()),
    ipv4: address().nullable(),
    ipv6: address().nullable(),
    driverOptions: z.record(z.string(), text()),
  });

const networks: Readonly<Record<string, UndoForm>> = {
  'network.attach': {
    args: () =>
      z.strictObject({...network(), attachment: attachment(), interfaces: z.array(device()).max(1_000).optional()}),
    proofs: {'is-detached': () => z.strictObject(network())},
  },
};

const inner = () =>
  z.strictObject({
    incarnation: text(),
    processes: z.array(z.strictObject({pid: pid(), startTicks: ticks()})).min(1),
  });
const covered = () =>
  z.strictObject({
    machine: text(),
    covered: z.array(
      z.strictObject({
        pid: pid(),
        startTicks: ticks(),
        boot: text(),
        was: z.string().regex(/^(\d{1,20}|unlimited)$/, 'a limit'),
        ours: count(),
      }),
    ),
  });

const processes: Readonly<Record<string, UndoForm>> = {
  'processes.continue': {args: inner, proofs: {'any-stopped': inner}},
  'container.restore-descriptors': {args: covered, proofs: {'has-few-descriptors': covered}},
};

const place = () =>
  z.strictObject({
    inside: path(),
    kind: z.enum(['layer', 'mount', 'memory']),
    root: path().nullable(),
    below: path(),
  });
const fillFile = () => z.string().regex(/^\.firedrill-fill-[0-9a-f]{12}$/, 'a file of ours');
const stress = () => ({
  tag: tag(),
  machine: text(),
  kind: z.enum(['cpu', 'memory', 'io']),
  asked: z.number(),
  argv: z.array(text()).max(100),
});
const stressors = () => z.strictObject({...stress(), place: place().optional()});
const stressHelper = () => z.strictObject({...stress(), image: text(), cgroup: text()});
const fill = () => z.strictObject({machine: text(), place: place(), file: fillFile()});
const fillInside = () => z.strictObject({folder: path(), file: fillFile()});

const stressAndDisk: Readonly<Record<string, UndoForm>> = {
  'container.end-stress': {args: stressors, proofs: {'has-stressors': stressors}},
  'container.end-stress-helper': {args: stressHelper, proofs: {'has-stress-helper': stressHelper}},
  'container.remove-fill': {args: fill, proofs: {'has-fill': fill}},
  'container.remove-fill-inside': {args: fillInside, proofs: {'has-fill-inside': fillInside}},
};

const slots = () =>
  z.strictObject({
    tag: tag(),
    helperHoldMs: milliseconds().optional(),
    slots: z.array(
      z.strictObject({
        device: device(),
        way: way(),
        ifb: z.string().regex(/^(fd[0-9a-f]{12})?$/, 'a device of ours'),
        filters: count(),
        noQueue: z.boolean().optional(),
        kind: text(),
        options: z.record(z.string(), z.unknown()),
      }),
    ),
  });
const loss = () =>
  z.strictObject({
    tag: tag(),
    helperHoldMs: milliseconds().optional(),
    tables: z.array(z.enum(['iptables', 'ip6tables'])),
    loss: z.strictObject({
      tag: tag(),
      share: z.number().min(0).max(1),
      devices: z.array(device()),
      ways: z.array(way()),
      filter: z.strictObject({protocol: protocol(), localPort: ports(), remotePort: ports()}),
      blocks: z
        .array(z.strictObject({family: family(), address: address(), prefix: z.int().min(0).max(128)}))
        .nullable(),
    }),
  });
const partition = () =>
  z.strictObject({
    pid: pid(),
    kernelHoldMs: milliseconds().optional(),
    helperHoldMs: milliseconds().optional(),
    rules: z.strictObject({
      tag: tag(),
      backend: z.enum(['nft', 'legacy', 'plain']),
      families: z.array(family()),
      blocks: z.strictObject({4: z.array(block()), 6: z.array(block())}).optional(),
      own: z.strictObject({4: address().or(z.literal('')), 6: address().or(z.literal(''))}).optional(),
      filter: z.strictObject({
        protocol: protocol(),
        localPort: ports(),
        remotePort: ports(),
        direction: z.enum(['ingress', 'egress', 'both']),
      }),
      action: z.enum(['drop', 'reject']),
      silent: z.boolean(),
    }),
  });

const packets: Readonly<Record<string, UndoForm>> = {
  'shaping.remove': {args: slots, proofs: {'is-shaping-left': slots}},
  'loss.remove': {args: loss, proofs: {'is-loss-left': loss}},
  'partition.undo': {args: partition, proofs: {'is-cut-left': partition}},
};

/** An interposer's folder is removed with all that is in it: only the one that this state directory has for the tag. */
function interposers(stateDir: string): Readonly<Record<string, UndoForm>> {
  const names = () =>
    z
      .strictObject({folder: text(), tag: tag(), incarnation: text()})
      .refine(
        value => value.folder === interposerFolder(stateDir, value.tag),
        `a folder of this state directory (\`${stateDir}\`): recover as the user, and with the FIREDRILL_STATE, of the run`,
      );
  return {'interposer.end': {args: names, proofs: {'interposer.is-left': names}}};
}

export function undoForms(stateDir: string): Readonly<Record<string, UndoForm>> {
  return {
    ...lifecycle,
    ...limits(),
    ...networks,
    ...processes,
    ...stressAndDisk,
    ...packets,
    ...interposers(stateDir),
  };
}
