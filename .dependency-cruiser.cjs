/** The walls of the house: docs/architecture.md shows them as a picture. */
const PURE =
  '^src/(quantities|statistics|experiment|faults|verdict|report)/|^src/notifiers/(?!delivery\\.ts$)|^src/targets/(?!drivers/|linux/|settling/)|^src/signals/(contract|missing|traits|load/(pacer|measure|spec|placeholder|escaping|request-text|stores/statement)|derived/(spec|combine)|writes/(spec|id|compare|log)|alerts/(spec|rules|routing)|logs/(spec|contract|patterns|folding|entry))\\.ts$|^src/plan/(blast-radius|policy|selection)\\.ts$';
const SDK = 'node_modules/(dockerode|@kubernetes|undici|chalk|prom-client|@oclif)/';
const layers = [
  // [from, may not import]
  ['^src/(quantities|system)/', '^src/(?!quantities/|system/)'],
  ['^src/statistics/', '^src/(?!statistics/|quantities/)'],
  ['^src/dns/', '^src/(?!dns/|quantities/|system/)'],
  ['^src/interposer/', '^src/(?!interposer/|dns/|proxy/|quantities/|system/)'],
  ['^src/proxy/', '^src/(?!proxy/|quantities/|system/)'],
  [
    '^src/experiment/',
    '^src/(?!experiment/|statistics/least\\.ts$|quantities/|system/error|faults/[^/]+/parameters|targets/(target\\.ts$|drivers/[^/]+/selector)|notifiers/(kinds|spec)\\.ts$|signals/(traits\\.ts$|(load|derived|writes|alerts|logs)/spec\\.ts$|load/(placeholder|escaping|request-text|stores/statement)\\.ts$|stores/[^/]+/fields\\.ts$|probes/[^/]+/parameters))',
  ],
  [
    '^src/targets/',
    '^src/(?!targets/|quantities/|system/|proxy/protocol\\.ts$|interposer/(protocol|rules|supervisor)\\.ts$)',
  ],
  ['^src/notifiers/', '^src/(?!notifiers/|quantities/|system/)'],
  ['^src/faults/', '^src/(?!faults/|targets/(?!drivers/|linux/|settling/)|quantities/|system/error)'],
  ['^src/signals/', '^src/(?!signals/|targets/(?!drivers/|linux/|settling/)|quantities/|system/)'],
  ['^src/targets/linux/', '^src/(?!targets/linux/|targets/[^/]+\\.ts$|quantities/|system/)'],
  ['^src/targets/settling/', '^src/(?!targets/settling/|targets/[^/]+\\.ts$|quantities/|system/)'],
  [
    '^src/record/',
    '^src/(?!record/|targets/(?!drivers/|linux/|settling/)|signals/(contract|missing|(writes|alerts|logs)/spec)\\.ts$|experiment/|quantities/|system/)',
  ],
  [
    '^src/verdict/',
    '^src/(?!verdict/|statistics/|record/(around|events|evidence)\\.ts|targets/(?!drivers/|linux/|settling/)|signals/(contract|missing|traits|load/(measure|spec|request-text)|(writes|alerts|logs)/spec)|experiment/|quantities/|system/(error|exit-codes))',
  ],
  ['^src/plan/', '^src/(run|history|commands|server|terminal|report)/'],
  ['^src/report/', '^src/(?!report/|verdict/|quantities/|system/(error|exit-codes))'],
  ['^src/history/', '^src/(run|plan|faults|signals|server|commands|dns|proxy|interposer|targets)/'],
  ['^src/run/', '^src/(history|commands|server|drill|terminal|integrations|report)/'],
  ['^src/terminal/', '^src/(history|commands|server)/'],
];
module.exports = {
  forbidden: [
    {name: 'no-cycles', severity: 'error', from: {}, to: {circular: true}},
    ...layers.map(([from, to], i) => ({
      name: `downwards-${i}`,
      comment:
        'Imports run downwards: commands → history → terminal, report → run → plan → verdict → record → experiment → signals, faults, targets → statistics → quantities, system',
      severity: 'error',
      from: {path: from},
      to: {path: to},
    })),
    {
      name: 'pure-no-io',
      severity: 'error',
      from: {path: PURE},
      to: {dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|url|path|util)$'},
    },
    {name: 'pure-no-sdk', severity: 'error', from: {path: PURE}, to: {path: SDK}},
    {name: 'pure-no-system', severity: 'error', from: {path: PURE}, to: {path: '^src/system/(?!error|exit-codes)'}},
    {
      name: 'safety-alone',
      comment: 'The safety code must work when nothing else does.',
      severity: 'error',
      from: {path: '^src/run/safety/'},
      to: {path: '^src/(run/phases|faults|verdict|signals|report|terminal|commands)/'},
    },
  ],
  options: {
    doNotFollow: {path: 'node_modules'},
    tsConfig: {fileName: 'tsconfig.json'},
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
