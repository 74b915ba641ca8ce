import type * as z from 'zod';
import type {Path} from '../problem.js';

/** The keys that a schema knows at a path below it, over all branches that could be meant; for "did you mean". */
export function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  const objects = path.reduce<readonly z.core.$ZodType[]>(
    (schemas, part) => schemas.flatMap(here => below(here, part)),
    leaves(schema),
  );
  return [...new Set(objects.flatMap(leaves).flatMap(keysOf))];
}

type Def = z.core.$ZodTypes['_zod']['def'];

function defOf(schema: z.core.$ZodType): Def {
  return schema._zod.def as Def;
}

/** Looks through optional, default, transform and union. */
function leaves(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return leaves(def.innerType);
    case 'pipe':
      return leaves(def.in);
    case 'union':
      return def.options.flatMap(leaves);
    default:
      return [schema];
  }
}

function keysOf(schema: z.core.$ZodType): readonly string[] {
  const def = defOf(schema);
  return def.type === 'object' ? Object.keys(def.shape) : [];
}

function below(schema: z.core.$ZodType, part: string | number): readonly z.core.$ZodType[] {
  const def = defOf(schema);
  if (def.type === 'array') return leaves(def.element);
  if (def.type === 'record') return leaves(def.valueType);
  if (def.type !== 'object') return [];
  const field = def.shape[String(part)];
  return field === undefined ? [] : leaves(field);
}
