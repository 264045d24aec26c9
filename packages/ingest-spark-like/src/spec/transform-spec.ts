/** Reads `transformSpec`: computed columns and a filter over rows. */
import { InvalidInputError, JsonFields } from '@isotherm/errors';
import { parseExpression, readFilter } from '@isotherm/query';
import type { IngestionSpec, Transform } from './ingestion-spec.ts';
import { supportedType } from './support.ts';

/** @throws InvalidInputError for two transforms of a name; errors of expressions and filters as they are */
export function readTransforms(
  fields: JsonFields | null,
): Pick<IngestionSpec, 'transforms' | 'filter'> {
  if (fields === null) return { transforms: [], filter: null };
  const transforms = (fields.optionalArray('transforms') ?? []).map((item, index) =>
    readTransform(new JsonFields(item, fields.pathOf(`transforms[${index}]`))),
  );
  const filterJson = fields.optional('filter');
  const filter = filterJson === undefined ? null : readFilter(filterJson, fields.pathOf('filter'));
  fields.end();
  const names = new Set<string>();
  for (const { name } of transforms) {
    if (names.has(name)) {
      throw new InvalidInputError(
        `"${fields.path}" has two transforms "${name}". Expected one of a name. Join them into one expression.`,
        { code: 'DUPLICATE_COLUMN' },
      );
    }
    names.add(name);
  }
  return { transforms, filter };
}

function readTransform(fields: JsonFields): Transform {
  supportedType(fields, ['expression'], ['javascript']);
  const name = fields.string('name');
  const expression = parseExpression(fields.string('expression'));
  fields.end();
  return { name, expression };
}
