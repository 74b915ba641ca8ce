import type {CommandClass, ListedCommand} from './base.js';

/** Every command by its id, `:` between its words. */
export const COMMANDS = {
  alerts: {
    summary: 'Lists the alerting rules of a Prometheus server, and which were ever proven by a run.',
    load: async () => (await import('./alerts.js')).Alerts,
  },
  compare: {
    summary: 'Compares runs of an experiment with the first of them: what got better or worse, proven by intervals.',
    load: async () => (await import('./compare.js')).Compare,
  },
  completion: {
    summary: 'Prints a script that completes commands and flags, for bash, zsh or fish.',
    load: async (): Promise<CommandClass> => (await import('./completion.js')).completionOf(COMMANDS, TOPICS),
  },
  doctor: {
    summary: 'Says what works on this machine, and what to do about the rest. Changes nothing.',
    load: async () => (await import('./doctor.js')).Doctor,
  },
  export: {
    summary: 'Packs record, plan, policies and reports of a run into one sealed archive.',
    load: async () => (await import('./export.js')).Export,
  },
  faults: {
    summary: 'Shows every fault, or all about one: parameters, undo, proof, what it needs.',
    load: async () => (await import('./reference/list.js')).Faults,
  },
  findings: {
    summary: 'Shows what the runs found: what is open, what comes back, what is fixed or resolved.',
    load: async () => (await import('./findings/index.js')).Findings,
  },
  'findings:resolve': {
    summary: 'Notes that a person looked after a finding, who, and why.',
    load: async () => (await import('./findings/resolve.js')).FindingsResolve,
  },
  load: {
    summary: 'Sends the load of an experiment file alone, or searches the rate at which the system saturates.',
    load: async () => (await import('./load/index.js')).Load,
  },
  new: {
    summary: 'Prints an experiment with a fault to start from.',
    load: async () => (await import('./reference/new.js')).New,
  },
  plan: {
    summary: 'Shows what a run would hit and how it would be put back. Reads only.',
    load: async () => (await import('./plan.js')).Plan,
  },
  probes: {
    summary: 'Shows every probe, or all about one: parameters, and what it measures.',
    load: async () => (await import('./reference/list.js')).Probes,
  },
  proxy: {
    summary: 'Runs a TCP proxy into which experiments inject network faults.',
    load: async () => (await import('./proxy.js')).Proxy,
  },
  recover: {
    summary: 'Puts back what runs that are gone still owe, and proves it.',
    load: async () => (await import('./recover.js')).Recover,
  },
  report: {
    summary: 'Makes the reports of a run again, from its folder alone; also of a run that was killed.',
    load: async () => (await import('./report.js')).Report,
  },
  run: {
    summary: 'Runs an experiment: measures, breaks, measures again, puts back, proves it, reports.',
    load: async () => (await import('./run/index.js')).Run,
  },
  'runs:list': {
    summary: 'Lists the runs of a folder, oldest first.',
    load: async () => (await import('./runs/list.js')).RunsList,
  },
  'runs:show': {
    summary: 'Shows the result of one run, also of one that was killed.',
    load: async () => (await import('./runs/show.js')).RunsShow,
  },
  'runs:trend': {
    summary: 'Shows an experiment over its runs: verdict, times, and the change of each metric.',
    load: async () => (await import('./runs/trend.js')).RunsTrend,
  },
  schema: {
    summary: 'Prints the JSON Schema of experiment files, for editors and checks.',
    load: async () => (await import('./schema.js')).Schema,
  },
  stop: {
    summary: 'Stops live runs: each undoes what it did and ends with code 4.',
    load: async () => (await import('./stop.js')).Stop,
  },
  suite: {
    summary: 'Runs experiments one after the other, and ends with the worst of their exit codes.',
    load: async () => (await import('./suite/index.js')).Suite,
  },
  validate: {
    summary: 'Checks experiment files offline: all problems at once, with line, column and what to do.',
    load: async () => (await import('./validate/index.js')).Validate,
  },
  verify: {
    summary: 'Says whether a byte of an evidence pack, or of the record of a run, changed: which file and line.',
    load: async () => (await import('./verify.js')).Verify,
  },
} as const satisfies Readonly<Record<string, ListedCommand>>;

export type CommandId = keyof typeof COMMANDS;
export const COMMAND_IDS = Object.keys(COMMANDS) as CommandId[];

/** What a first word that is no command of its own leads to. */
export const TOPICS: Readonly<Record<string, string>> = {
  runs: 'Lists the runs of a folder (runs list), shows one of them (runs show), or an experiment over its runs (runs trend).',
};
