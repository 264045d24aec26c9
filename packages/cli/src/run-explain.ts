/** Prints how a query would find its rows in a segment file. */
import { resolve } from 'node:path';
import { type SegmentExplanation, explainQuery } from '@isotherm/historical';
import type { Invocation } from './command.ts';
import { readQueryFile } from './commands/query.ts';
import { exitCodes } from './exit-codes.ts';
import { countText } from './figures.ts';
import { widthOf } from './host.ts';
import { withSegmentFile } from './segment-file.ts';
import { parseJson } from './settings.ts';
import { textTable } from './text-table.ts';

/** Plans the query and prints the plan. */
export async function runExplain({ arguments: words, values, host }: Invocation): Promise<number> {
  const [queryFile = '', segmentFile = ''] = words;
  const query = parseJson(readQueryFile(resolve(host.cwd, queryFile)), `File "${queryFile}"`);
  const explanation = await withSegmentFile(resolve(host.cwd, segmentFile), (source) =>
    explainQuery(query, source),
  );
  host.stdout.write(
    values.isOn('json')
      ? `${JSON.stringify(explanation, null, 2)}\n`
      : reportText(explanation, widthOf(host.stdout)),
  );
  return exitCodes.ok.code;
}

function reportText(explanation: SegmentExplanation, width: number | null): string {
  const { segmentRows, candidateRows, access, index, columns, why } = explanation;
  const head = [
    why,
    `rows     ${countText(candidateRows)} of ${countText(segmentRows)} are looked at`,
    `access   ${index === null ? access : `${access} of "${index}"`}`,
    `columns  ${columns.length === 0 ? 'none' : columns.join(', ')}`,
  ];
  const tables = [conditionTable(explanation, width), wayTable(explanation, width)];
  return [`${head.join('\n')}\n`, ...tables.filter((table) => table !== '')].join('\n');
}

function conditionTable({ conditions }: SegmentExplanation, width: number | null): string {
  if (conditions.length === 0) return '';
  return textTable(
    [
      { title: 'tested', align: 'left' },
      { title: 'condition', align: 'left' },
      { title: 'let through', align: 'right' },
      { title: 'ns a row', align: 'right' },
      { title: 'zone maps', align: 'left' },
    ],
    conditions.map(({ columns, test, share, nsPerRow, usesZones }) => [
      columns.join(', '),
      test,
      `${(share * 100).toFixed(1)} %`,
      nsPerRow.toFixed(1),
      usesZones ? 'yes' : '–',
    ]),
    width,
  );
}

function wayTable({ ways }: SegmentExplanation, width: number | null): string {
  if (ways.length === 0) return '';
  return textTable(
    [
      { title: 'weighed', align: 'left' },
      { title: 'rows', align: 'right' },
      { title: 'µs', align: 'right' },
    ],
    ways.map(({ access, column, candidateRows, cost }) => [
      column === null ? access : `${access} of "${column}"`,
      countText(candidateRows),
      (cost / 1000).toFixed(1),
    ]),
    width,
  );
}
