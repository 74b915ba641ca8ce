import {FiredrillError} from '../../../../../system/error.js';
import type {Engine} from '../../engine/engine.js';
import {runAside} from '../../entrance/aside.js';
import {entranceOf, type Enterable} from '../../entrance/entrance.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {filterToolsFrom, PROBE, type FilterTools} from '../../../../linux/partition/tools.js';
import {draftSignal} from '../drafting.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** Tried once per reader and way in; no target is touched. */
export class PartitionTools {
  private readonly found = new Map<string, Promise<FilterTools>>();

  constructor(private readonly engine: Engine) {}

  /** Throws CAPABILITY_MISSING with the reason where containers cannot be entered, or packets not be filtered there. */
  forContainer(view: Enterable): Promise<FilterTools> {
    const {kind} = entranceOf(this.engine, view);
    const found = this.found.get(kind) ?? this.probe(view);
    this.found.set(kind, found);
    return found;
  }

  private async probe(view: Enterable): Promise<FilterTools> {
    const {engine} = this;
    const ran = await runAside(engine, entranceOf(engine, view), PROBE, draftSignal());
    if (ran.code !== 0) {
      throw new FiredrillError(
        'CAPABILITY_MISSING',
        `expected a way into the network namespace of container \`${view.name}\`; got: ${complaintOf(ran)}`,
        {
          hint: `${hostAdvice(engine)}, or give it an image for helper containers (\`helperImage\`). \`network-disconnect\` needs neither.`,
        },
      );
    }
    const tools = filterToolsFrom(ran.stdout);
    if (!('why' in tools)) return tools;
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `to cut off container \`${view.name}\` needs iptables that filter IPv4 and IPv6; got: ${tools.why}`,
      {
        hint: 'Install iptables where Firedrill enters the container (this machine, or the helper image) and load the modules of its kernel; `network-disconnect` needs none of them.',
      },
    );
  }
}
