/**
 * Tables in plain text, numbers to the right:
 *
 *   campaign  spend
 *   ────────  ─────
 *   c-17      12.30
 */

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/**
 * Lays cells out; rows are as long as `columns`.
 *
 * @param maxWidth  of the terminal: columns that do not fit beside the others stand below them, as a table
 *   of their own; null where lines may be of any length
 * @returns text that ends in a newline
 */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  maxWidth: number | null = null,
): string {
  const widths = columns.map((column, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[index] ?? '')),
      displayWidth(column.title),
    ),
  );
  return columnGroups(widths, maxWidth)
    .map((group) => groupTable(group, columns, widths, rows))
    .join('\n');
}

/** Places of columns, in groups that fit. A column that is too wide alone stays whole. */
function columnGroups(widths: readonly number[], maxWidth: number | null): number[][] {
  const groups: number[][] = [[]];
  let taken = 0;
  for (const [place, width] of widths.entries()) {
    const group = groups.at(-1) ?? [];
    const needed = group.length === 0 ? width : taken + 2 + width;
    if (maxWidth !== null && group.length > 0 && needed > maxWidth) {
      groups.push([place]);
      taken = width;
    } else {
      group.push(place);
      taken = needed;
    }
  }
  return groups;
}

function groupTable(
  group: readonly number[],
  columns: readonly TableColumn[],
  widths: readonly number[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cellOf: (place: number) => string): string =>
    group
      .map((place) => {
        const cell = cellOf(place);
        const gap = ' '.repeat(Math.max(0, (widths[place] ?? 0) - displayWidth(cell)));
        return columns[place]?.align === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd();
  return `${[
    line((place) => columns[place]?.title ?? ''),
    line((place) => '─'.repeat(widths[place] ?? 0)),
    ...rows.map((row) => line((place) => row[place] ?? '')),
  ].join('\n')}\n`;
}

/** Lays out records whose keys are the titles; a column is right-aligned when all its values are numbers. */
export function recordTable(
  records: readonly Readonly<Record<string, unknown>>[],
  maxWidth: number | null = null,
): string {
  const titles = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const columns = titles.map((title): TableColumn => {
    const isNumeric = records.every((record) => {
      const value = record[title] ?? null;
      return value === null || typeof value === 'number';
    });
    return { title, align: isNumeric ? 'right' : 'left' };
  });
  return textTable(
    columns,
    records.map((record) => titles.map((title) => cellText(record[title]))),
    maxWidth,
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Control characters in data must not steer the terminal.
  return text.replaceAll(/\p{Cc}/gu, '�');
}

/** Columns that a text takes: one a code point, two for the wide scripts of East Asia. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isWide =
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xa4cf) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0x1f300 && code <= 0x1faff);
    width += isWide ? 2 : 1;
  }
  return width;
}
