/** Turns the JSON answers of native queries, whose shapes differ by type, into flat records for a table. */

/** A row of a table: values by column. */
export type ResultRecord = Readonly<Record<string, unknown>>;

/** Flattens timeseries, topN, groupBy, scan, timeBoundary and segmentMetadata answers. */
export function resultRecords(answer: unknown): ResultRecord[] {
  return Array.isArray(answer) ? answer.flatMap(recordsOf) : [];
}

function recordsOf(entry: unknown): ResultRecord[] {
  // `resultAsArray` gives a groupBy without names.
  if (Array.isArray(entry)) return [numbered(entry)];
  if (!isRecord(entry)) return [{ value: entry }];
  const { timestamp, result, event, events } = entry;
  if (isRecord(event)) return [{ timestamp, ...event }];
  if (Array.isArray(events)) return scanRecords(events, entry['columns']);
  if (Array.isArray(result)) {
    return result.map((item: unknown) => ({
      timestamp,
      ...(isRecord(item) ? item : { value: item }),
    }));
  }
  if (isRecord(result)) return [{ timestamp, ...result }];
  if (isRecord(entry['columns'])) return columnRecords(entry['columns']);
  return [entry];
}

/** Scan rows are objects, or lists beside a list of names. */
function scanRecords(events: readonly unknown[], columns: unknown): ResultRecord[] {
  return events.map((row) => {
    if (isRecord(row)) return row;
    const cells: readonly unknown[] = Array.isArray(row) ? row : [row];
    if (!Array.isArray(columns)) return numbered(cells);
    return Object.fromEntries(columns.map((name, index) => [String(name), cells[index]]));
  });
}

function columnRecords(columns: ResultRecord): ResultRecord[] {
  return Object.entries(columns).map(([column, analysis]) => {
    const { type, cardinality, size, hasNulls, minValue, maxValue } = isRecord(analysis)
      ? analysis
      : {};
    return { column, type, cardinality, size, hasNulls, minValue, maxValue };
  });
}

function numbered(cells: readonly unknown[]): ResultRecord {
  return Object.fromEntries(cells.map((value, index) => [`column ${index + 1}`, value]));
}

function isRecord(value: unknown): value is ResultRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
