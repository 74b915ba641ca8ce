import {Load} from './load/index.js';
import {Plan} from './plan.js';
import {Proxy} from './proxy.js';
import {Recover} from './recover.js';
import {Report} from './report.js';
import {Run} from './run/index.js';
import {RunsList} from './runs/list.js';
import {RunsShow} from './runs/show.js';
import {Schema} from './schema.js';
import {Stop} from './stop.js';
import {Validate} from './validate/index.js';

/** Every command by its id; oclif finds them here (package.json). */
export const COMMANDS = {
  load: Load,
  plan: Plan,
  proxy: Proxy,
  recover: Recover,
  report: Report,
  run: Run,
  'runs:list': RunsList,
  'runs:show': RunsShow,
  schema: Schema,
  stop: Stop,
  validate: Validate,
};
