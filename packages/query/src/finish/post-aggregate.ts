/**
 * Post-aggregators, a column at a time. A post-aggregator sees aggregates, dimensions and the
 * post-aggregators before it. Arithmetic is in doubles; null in, null out; `/` by zero is 0 and
 * `quotient` by zero is what doubles give.
 */
import { InvariantError } from '@isotherm/errors';
import type { PostAggregation } from '../model.ts';
import { estimates } from './finish-states.ts';
import type { FinishedColumn } from './output-column.ts';
import { numberReader } from './output-column.ts';

/** What a post-aggregator can refer to. */
export interface Fields {
  /** Columns as an answer would show them unfinalised: sketches are sketches. */
  readonly raw: ReadonlyMap<string, FinishedColumn>;
  readonly rowCount: number;
  /** Names of sketches whose estimates are rounded. */
  readonly rounded: ReadonlySet<string>;
}

type Arithmetic = Extract<PostAggregation, { type: 'arithmetic' }>;

/** Computes one post-aggregator for all rows. @throws InvariantError if it refers to nothing */
export function postAggregate(postAggregation: PostAggregation, fields: Fields): FinishedColumn {
  switch (postAggregation.type) {
    case 'fieldAccess':
      return fieldOf(postAggregation.fieldName, fields);
    case 'finalizingFieldAccess':
    case 'hyperUniqueCardinality': {
      const column = fieldOf(postAggregation.fieldName, fields);
      return finalized(column, fields.rounded.has(postAggregation.fieldName));
    }
    case 'constant':
      return constant(postAggregation.value, fields.rowCount);
    case 'arithmetic':
      return arithmetic(postAggregation, fields);
  }
}

function fieldOf(name: string, { raw }: Fields): FinishedColumn {
  const column = raw.get(name);
  if (column !== undefined) return column;
  throw new InvariantError(
    `A post-aggregator refers to "${name}", which parseQuery lets not pass.`,
  );
}

function finalized(column: FinishedColumn, isRounded: boolean): FinishedColumn {
  return column.type === 'hyperUnique' ? estimates(column.registers, { isRounded }) : column;
}

/** A whole number is a long, as JSON wrote it. */
function constant(value: number, rowCount: number): FinishedColumn {
  return Number.isSafeInteger(value)
    ? { type: 'long', values: new BigInt64Array(rowCount).fill(BigInt(value)), nulls: null }
    : { type: 'double', values: new Float64Array(rowCount).fill(value), nulls: null };
}

function arithmetic(postAggregation: Arithmetic, fields: Fields): FinishedColumn {
  const apply = operators[postAggregation.fn];
  const { rowCount } = fields;
  const [first = noNumbers(rowCount), ...others] = postAggregation.fields.map((field) =>
    operand(field, fields),
  );
  const values = first.values.slice();
  let { nulls } = first;
  for (const right of others) {
    for (let row = 0; row < rowCount; row++) {
      values[row] = apply(values[row] ?? 0, right.values[row] ?? 0);
    }
    nulls = eitherNull(nulls, right.nulls);
  }
  return { type: 'double', values, nulls: nulls?.includes(1) === true ? nulls : null };
}

/** Numbers of all rows, shapes [rowCount]; those under a null do not count. */
interface Numbers {
  readonly values: Float64Array;
  readonly nulls: Uint8Array | null;
}

function noNumbers(rowCount: number): Numbers {
  return { values: new Float64Array(rowCount), nulls: new Uint8Array(rowCount).fill(1) };
}

function operand(field: PostAggregation, fields: Fields): Numbers {
  const { rowCount } = fields;
  if (field.type === 'constant') {
    return { values: new Float64Array(rowCount).fill(field.value), nulls: null };
  }
  const column = postAggregate(field, fields);
  if (column.type === 'double' || column.type === 'float') return column;
  const numberAt = numberReader(column);
  const values = new Float64Array(rowCount);
  const nulls = new Uint8Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const number = numberAt(row);
    if (number === null) nulls[row] = 1;
    else values[row] = Number(number);
  }
  return { values, nulls: nulls.includes(1) ? nulls : null };
}

function eitherNull(left: Uint8Array | null, right: Uint8Array | null): Uint8Array | null {
  if (left === null || right === null) return left ?? right;
  return left.map((isNull, row) => isNull | (right[row] ?? 0));
}

const operators: Readonly<Record<Arithmetic['fn'], (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? 0 : left / right),
  quotient: (left, right) => left / right,
  pow: (left, right) => left ** right,
};
