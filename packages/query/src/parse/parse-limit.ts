/** `limitSpec` of a groupBy: order, cut and offset. */
import { JsonFields, kindOf } from '@isotherm/errors';
import type { LimitSpec, OrderByColumn } from '../model.ts';
import { queryFault, wrongType } from './fault.ts';
import { isDescending, optionalOrdering } from './parse-scalar.ts';

const limitTypes = { supported: ['default', 'NoopLimitSpec'], later: [] };
/** Druid's "no limit". */
const noLimit = 2 ** 31 - 1;

/** Reads `limitSpec`; an absent one orders by time and dimensions and cuts nothing. */
export function readLimitSpec(fields: JsonFields): LimitSpec {
  const spec = fields.optionalObject('limitSpec');
  if (spec === null) return { columns: [], limit: null, offset: 0 };
  const type = spec.optionalString('type') ?? 'default';
  if (!limitTypes.supported.includes(type)) throw wrongType(spec, type, limitTypes);
  const limit = spec.optionalInteger('limit', { min: 1 });
  const limitSpec = {
    columns: orderColumns(spec),
    limit: limit === null || limit >= noLimit ? null : limit,
    offset: spec.optionalInteger('offset', { min: 0 }) ?? 0,
  };
  spec.end();
  return limitSpec;
}

function orderColumns(spec: JsonFields): OrderByColumn[] {
  const path = spec.pathOf('columns');
  return (spec.optionalArray('columns') ?? []).map((item, index) => {
    if (typeof item === 'string') {
      return { dimension: item, descending: false, dimensionOrder: 'lexicographic' };
    }
    if (typeof item !== 'object') {
      throw queryFault(
        `"${path}[${index}]" is ${kindOf(item)}. Expected a name or an object.`,
        'WRONG_TYPE',
      );
    }
    return orderColumn(new JsonFields(item, `${path}[${index}]`, queryFault));
  });
}

function orderColumn(fields: JsonFields): OrderByColumn {
  const column: OrderByColumn = {
    dimension: fields.string('dimension'),
    descending: isDescending(fields, 'direction'),
    dimensionOrder: optionalOrdering(fields, 'dimensionOrder') ?? 'lexicographic',
  };
  fields.end();
  return column;
}
