import {FiredrillError} from '../../../../../system/error.js';
import type {ContainerView} from '../../engine/container.js';
import type {Engine} from '../../engine/engine.js';
import {runAside} from '../../entrance/aside.js';
import {entranceOf} from '../../entrance/entrance.js';
import {complaintOf} from '../../../../linux/entrance.js';
import {missingOf, PROBE, type MissingParts} from '../../../../linux/shaping/capabilities.js';
import {draftSignal} from '../drafting.js';
import {hostAdvice} from '../../engine/host-pid.js';

/** What shaping is made of, tried once per reader in a network namespace that is thrown away: no target is touched. */
export class ShapingParts {
  private found: Promise<MissingParts> | undefined;

  constructor(private readonly engine: Engine) {}

  /** Throws CAPABILITY_MISSING when containers of this engine cannot be entered at all. */
  missing(view: ContainerView): Promise<MissingParts> {
    this.found ??= this.probe(view);
    return this.found;
  }

  private async probe(view: ContainerView): Promise<MissingParts> {
    const entrance = entranceOf(this.engine, view);
    const ran = await runAside(this.engine, entrance, PROBE, draftSignal());
    if (ran.code === 0) return missingOf(ran.stdout);
    throw new FiredrillError(
      'CAPABILITY_MISSING',
      `expected a way into the network namespace of container \`${view.name}\`; got: ${complaintOf(ran)}`,
      {hint: `${hostAdvice(this.engine)}, or let it use helper containers (\`helperImage\`).`},
    );
  }
}
