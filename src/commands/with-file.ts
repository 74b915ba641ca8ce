/** What every command that opens an experiment works with, to be loaded as one. */
export {openExperiment} from './open-experiment.js';
export {planFile} from './plan-file.js';
export {readMeasures} from '../plan/measures.js';
export {Readers} from '../targets/readers.js';
export {planJson, planLines} from '../terminal/plan-printer.js';
export {summaryLines} from '../terminal/summary.js';
