/**
 * Seeded random native queries with the SQL that means the same, for tables that are in Isotherm and
 * in DuckDB. The SQL is built beside the JSON, part by part, and shares no code with the product, so
 * that a misreading on one side shows as a difference.
 */

/** A table known to both sides. `values` are texts that occur, and some that do not. */
export interface TableShape {
  readonly name: string;
  readonly strings: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Integer columns, used as metrics and in numeric filters. */
  readonly longs: readonly { readonly name: string; readonly min: number; readonly max: number }[];
  /** Whole span of the data, epoch milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** One generated question, and how to compare the two answers. */
export interface Question {
  readonly native: Record<string, unknown>;
  readonly sql: string;
  /** Names of the answer's cells, in the order of the SQL's columns. */
  readonly columns: readonly string[];
  /** False where rows have no promised order: both sides are sorted before they are compared. */
  readonly ordered: boolean;
}

/** Mulberry32: uniform in [0, 1) from a 32-bit seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Makes the question number `seed` about one of the tables. */
export function randomQuestion(tables: readonly TableShape[], seed: number): Question {
  const draw = new Draw(seed);
  const table = draw.pick(tables);
  const filter = draw.chance(0.75) ? randomFilter(draw, table, 2) : null;
  const kind = draw.pick(['timeseries', 'topN', 'groupBy', 'groupBy', 'scan'] as const);
  // A scan returns every row: over all of the data it would measure JSON, not agreement.
  const interval = randomInterval(draw, table, kind === 'scan' ? 0.05 : 1);
  const where = [interval.sql, ...(filter === null ? [] : [filter.sql])].join(' AND ');
  const base = {
    dataSource: table.name,
    intervals: [interval.text],
    ...(filter === null ? {} : { filter: filter.native }),
  };
  switch (kind) {
    case 'timeseries':
      return timeseries(draw, table, base, where);
    case 'topN':
      return topN(draw, table, base, where);
    case 'groupBy':
      return groupBy(draw, table, base, where);
    case 'scan':
      return scan(draw, table, base, where);
  }
}

class Draw {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = seeded(seed);
  }
  chance(probability: number): boolean {
    return this.#next() < probability;
  }
  integer(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#next() * items.length)];
    if (item === undefined) throw new Error('pick from an empty list');
    return item;
  }
  some<Item>(items: readonly Item[], count: number): Item[] {
    const rest = [...items];
    return Array.from({ length: Math.min(count, rest.length) }, () => {
      const [taken] = rest.splice(Math.floor(this.#next() * rest.length), 1);
      return taken as Item;
    });
  }
}

interface Part {
  readonly native: Record<string, unknown>;
  readonly sql: string;
}

function randomFilter(draw: Draw, table: TableShape, depth: number): Part {
  if (depth > 0 && draw.chance(0.4)) {
    const type = draw.pick(['and', 'or', 'not'] as const);
    if (type === 'not') {
      const field = randomFilter(draw, table, depth - 1);
      return { native: { type, field: field.native }, sql: `(NOT ${field.sql})` };
    }
    const fields = Array.from({ length: draw.integer(1, 3) }, () =>
      randomFilter(draw, table, depth - 1),
    );
    return {
      native: { type, fields: fields.map((field) => field.native) },
      sql: `(${fields.map((field) => field.sql).join(` ${type.toUpperCase()} `)})`,
    };
  }
  return draw.chance(0.3) ? numberFilter(draw, table) : textFilter(draw, table);
}

function textFilter(draw: Draw, table: TableShape): Part {
  const { name, values } = draw.pick(table.strings);
  const column = quoted(name);
  switch (draw.pick(['selector', 'in', 'bound', 'range', 'like', 'null'] as const)) {
    case 'selector': {
      const value = draw.pick(values);
      return {
        native: { type: 'selector', dimension: name, value },
        sql: `(${column} = ${text(value)})`,
      };
    }
    case 'in': {
      const chosen = draw.some(values, draw.integer(1, 6));
      const withNull = draw.chance(0.2);
      const listed = `${column} IN (${chosen.map(text).join(', ')})`;
      return {
        native: { type: 'in', dimension: name, values: withNull ? [...chosen, null] : chosen },
        sql: withNull ? `(${listed} OR ${column} IS NULL)` : `(${listed})`,
      };
    }
    case 'bound': {
      const [lower, upper] = draw.some(values, 2).sort(byCodePoints) as [string, string?];
      const strict = draw.chance(0.5);
      const above = `${column} ${strict ? '>' : '>='} ${text(lower)}`;
      const below = upper === undefined ? '' : ` AND ${column} < ${text(upper)}`;
      return {
        native: {
          type: 'bound',
          dimension: name,
          lower,
          lowerStrict: strict,
          ...(upper === undefined ? {} : { upper, upperStrict: true }),
          ordering: 'lexicographic',
        },
        sql: `(${above}${below})`,
      };
    }
    case 'range': {
      const upper = draw.pick(values);
      return {
        native: { type: 'range', column: name, matchValueType: 'STRING', upper, upperOpen: false },
        sql: `(${column} <= ${text(upper)})`,
      };
    }
    case 'like': {
      const value = draw.pick(values).replaceAll(/[%_\\]/g, '');
      const from = draw.integer(0, Math.max(0, value.length - 2));
      const fragment = value.slice(from, from + draw.integer(1, 4));
      const pattern = draw.pick([`%${fragment}%`, `${value.slice(0, 2)}%`, `_${value.slice(1)}`]);
      return {
        native: { type: 'like', dimension: name, pattern },
        sql: `(${column} LIKE ${text(pattern)})`,
      };
    }
    case 'null':
      return { native: { type: 'null', column: name }, sql: `(${column} IS NULL)` };
  }
}

function numberFilter(draw: Draw, table: TableShape): Part {
  const { name, min, max } = draw.pick(table.longs);
  const column = quoted(name);
  const low = draw.integer(min, max);
  switch (draw.pick(['bound', 'range', 'selector'] as const)) {
    case 'bound': {
      const high = low + draw.integer(0, Math.ceil((max - min) / 4));
      return {
        native: {
          type: 'bound',
          dimension: name,
          lower: String(low),
          upper: String(high),
          ordering: 'numeric',
        },
        sql: `(${column} >= ${low} AND ${column} <= ${high})`,
      };
    }
    case 'range':
      return {
        native: {
          type: 'range',
          column: name,
          matchValueType: 'LONG',
          lower: low,
          lowerOpen: true,
        },
        sql: `(${column} > ${low})`,
      };
    case 'selector':
      return {
        native: { type: 'selector', dimension: name, value: String(low) },
        sql: `(${column} = ${low})`,
      };
  }
}

function randomInterval(
  draw: Draw,
  table: TableShape,
  share: number,
): { text: string; sql: string } {
  const width = Math.floor((table.end - table.start) * share);
  const whole = share === 1 && draw.chance(0.3);
  const start = whole
    ? table.start
    : table.start + draw.integer(0, table.end - table.start - Math.ceil(width * 0.3));
  const end = whole ? table.end : Math.min(table.end, start + draw.integer(60_000, width));
  return {
    text: `${new Date(start).toISOString()}/${new Date(end).toISOString()}`,
    sql: `(ms >= ${start} AND ms < ${end})`,
  };
}

/** Aggregations a0, a1, … with their SQL. A sum over no rows is null on both sides. */
function randomAggregations(draw: Draw, table: TableShape): { native: unknown[]; sql: string[] } {
  const native: unknown[] = [{ type: 'count', name: 'a0' }];
  const sql = ['count(*)'];
  for (const { name } of draw.some(table.longs, draw.integer(1, 3))) {
    const kind = draw.pick(['Sum', 'Min', 'Max'] as const);
    const family = draw.pick(['long', 'long', 'double'] as const);
    native.push({ type: `${family}${kind}`, name: `a${sql.length}`, fieldName: name });
    const cast = family === 'long' ? 'BIGINT' : 'DOUBLE';
    sql.push(`CAST(${kind.toLowerCase()}(${quoted(name)}) AS ${cast})`);
  }
  return { native, sql };
}

const buckets = [
  ['hour', 3_600_000],
  ['fifteen_minute', 900_000],
  [{ type: 'period', period: 'PT6H', timeZone: 'UTC' }, 21_600_000],
  ['day', 86_400_000],
] as const;

function timeseries(draw: Draw, table: TableShape, base: object, where: string): Question {
  const [granularity, width] = draw.pick(buckets);
  const { native, sql } = randomAggregations(draw, table);
  const descending = draw.chance(0.3);
  return {
    native: {
      queryType: 'timeseries',
      ...base,
      granularity,
      descending,
      aggregations: native,
      context: { skipEmptyBuckets: true },
    },
    sql: `SELECT ms - ms % ${width} AS t, ${sql.join(', ')} FROM ${table.name} WHERE ${where} GROUP BY t ORDER BY t ${descending ? 'DESC' : 'ASC'}`,
    columns: ['timestamp', ...sql.map((_, index) => `a${index}`)],
    ordered: true,
  };
}

function topN(draw: Draw, table: TableShape, base: object, where: string): Question {
  const { name } = draw.pick(table.strings);
  const { native, sql } = randomAggregations(draw, table);
  const metric = draw.integer(0, sql.length - 1);
  const threshold = draw.integer(1, 40);
  // Where a metric is null for some values, only its own order is promised: the count decides instead.
  const by = /sum|count/.test(sql[metric] ?? '') ? metric : 0;
  return {
    native: {
      queryType: 'topN',
      ...base,
      granularity: 'all',
      dimension: name,
      metric: `a${by}`,
      threshold,
      aggregations: native,
    },
    sql: `SELECT ${quoted(name)} AS d, ${sql.join(', ')} FROM ${table.name} WHERE ${where} GROUP BY d ORDER BY ${by + 2} DESC NULLS LAST, d ASC NULLS FIRST LIMIT ${threshold}`,
    columns: [name, ...sql.map((_, index) => `a${index}`)],
    ordered: true,
  };
}

function groupBy(draw: Draw, table: TableShape, base: object, where: string): Question {
  const dimensions = draw.some(
    [...table.strings.map(({ name }) => name), ...table.longs.slice(0, 1).map(({ name }) => name)],
    draw.integer(1, 3),
  );
  const { native, sql } = randomAggregations(draw, table);
  const least = draw.integer(1, 5);
  const having = draw.chance(0.4);
  const limit = draw.chance(0.5) ? draw.integer(1, 60) : null;
  const isLong = new Set(table.longs.map(({ name }) => name));
  // Ordered by the count, then by every dimension, so that the cut is the same on both sides.
  const orderSql = [
    'count(*) DESC',
    ...dimensions.map((name) => `${quoted(name)} ASC NULLS FIRST`),
  ];
  return {
    native: {
      queryType: 'groupBy',
      ...base,
      granularity: 'all',
      dimensions: dimensions.map((name) =>
        isLong.has(name)
          ? { type: 'default', dimension: name, outputName: name, outputType: 'LONG' }
          : name,
      ),
      aggregations: native,
      ...(having ? { having: { type: 'greaterThan', aggregation: 'a0', value: least } } : {}),
      ...(limit === null
        ? {}
        : {
            limitSpec: {
              type: 'default',
              limit,
              columns: [
                { dimension: 'a0', direction: 'descending', dimensionOrder: 'numeric' },
                ...dimensions.map((name) => ({
                  dimension: name,
                  direction: 'ascending',
                  dimensionOrder: isLong.has(name) ? 'numeric' : 'lexicographic',
                })),
              ],
            },
          }),
    },
    sql: `SELECT ${dimensions.map(quoted).join(', ')}, ${sql.join(', ')} FROM ${table.name} WHERE ${where} GROUP BY ${dimensions.map(quoted).join(', ')}${having ? ` HAVING count(*) > ${least}` : ''} ORDER BY ${orderSql.join(', ')}${limit === null ? '' : ` LIMIT ${limit}`}`,
    columns: [...dimensions, ...sql.map((_, index) => `a${index}`)],
    ordered: limit !== null,
  };
}

function scan(draw: Draw, table: TableShape, base: object, where: string): Question {
  const columns = draw.some(
    [...table.strings.map(({ name }) => name), ...table.longs.map(({ name }) => name)],
    draw.integer(1, 4),
  );
  return {
    native: {
      queryType: 'scan',
      ...base,
      columns: ['__time', ...columns],
      resultFormat: 'compactedList',
    },
    sql: `SELECT ms, ${columns.map(quoted).join(', ')} FROM ${table.name} WHERE ${where}`,
    columns: ['__time', ...columns],
    ordered: false,
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
