import {targetNames} from '../phrase.js';
import {setUpsOf} from '../posture.js';
import {action, finding, injectedSpan, type FindingRule} from './rule.js';
import {ratedFixed} from './severity.js';

/** `shop/inventory`, `shop/inventory:latest`: what it names may be another image tomorrow. */
function isMoving(image: string): boolean {
  if (image.includes('@') || /^(sha256:)?[0-9a-f]{12,64}$/.test(image)) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** Something is to be fixed and tried again, and nothing says which version was tried. */
export const rule: FindingRule = {
  code: 'moving-image-tag',
  order: 160,
  find: ({facts, verdict}) => {
    if (verdict !== 'deviated') return [];
    const found = setUpsOf(facts).flatMap(({name, facet}) => {
      const image = facet('image');
      return typeof image === 'string' && isMoving(image) ? [{name, image}] : [];
    });
    if (found.length === 0) return [];
    const names = targetNames(found.map(({name}) => name));
    return [
      finding('moving-image-tag', facts, injectedSpan(facts), {
        ...ratedFixed('SEV5', 'information: the next run may meet another version without anybody noticing'),
        subject: names,
        title: `${names} ${found.length === 1 ? 'runs' : 'run'} an image without a version`,
        what: `${names} ${found.length === 1 ? 'was' : 'were'} started from ${targetNames(found.map(({image}) => image))}: the name does not say which version this result is about.`,
        detection: 'Read from the engine before the injection.',
        evidence: found.map(({name, image}) => ({label: name, value: image})),
        actions: [
          action(
            'process',
            'P3',
            `Set a version or a digest as the image of ${names}, so that two runs can be compared`,
          ),
        ],
      }),
    ];
  },
};
