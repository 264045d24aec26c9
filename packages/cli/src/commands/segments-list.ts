/** `isotherm segments list`: from the metadata store, or from what a query service serves. */
import type { SegmentRecord } from '@isotherm/metadata';
import { formatInstant, formatSegmentId } from '@isotherm/timeline';
import { UnavailableError } from '@isotherm/errors';
import type { Command, Invocation } from '../command.ts';
import { checkHasMetadata, dataDirAt, withMetadata } from '../data-dir.ts';
import { exitCodes } from '../exit-codes.ts';
import { byteText, countText } from '../figures.ts';
import { errorMessageOf, request } from '../http-client.ts';
import { configOption, jsonOption, optionalDataDirOption, urlOption } from '../setting-options.ts';
import { parseJson } from '../settings.ts';
import { textTable } from '../text-table.ts';

/** The command. */
export const segmentsListCommand: Command = {
  name: 'segments list',
  summary: 'list segments with interval, version, state, rows and size',
  arguments: [],
  options: {
    'data-dir': optionalDataDirOption,
    url: urlOption,
    'data-source': { type: 'text', placeholder: 'NAME', description: 'Only this datasource.' },
    json: jsonOption,
    config: configOption,
  },
  examples: [
    {
      line: 'isotherm segments list --data-dir ./data',
      effect: 'all segments, those that are not visible included',
    },
    {
      line: 'isotherm segments list --url http://127.0.0.1:8888',
      effect: 'what answers queries now',
    },
    { line: 'isotherm segments list --data-dir ./data --json', effect: 'for programs' },
  ],
  notes: ['With --data-dir the metadata store is read; otherwise the query service is asked.'],
  run: runList,
};

/** One segment; null where the source does not say. */
interface ListedSegment {
  readonly id: string;
  readonly dataSource: string;
  readonly namespace: string | null;
  readonly interval: string;
  readonly version: number | null;
  readonly partition: number | null;
  readonly state: string;
  readonly rowCount: number;
  /** Of the file; a query service does not tell. */
  readonly bytes: number | null;
}

async function runList({ values, host }: Invocation): Promise<number> {
  const directory = values.optionalText('data-dir');
  const dataSource = values.optionalText('data-source');
  const segments =
    directory === null
      ? await servedSegments(values.text('url'), dataSource, host.interrupted)
      : await storedSegments(directory, dataSource, host);
  host.stdout.write(
    values.isOn('json')
      ? `${JSON.stringify(segments, null, 2)}\n`
      : listText(segments, host.stdout.isTerminal),
  );
  return exitCodes.ok.code;
}

async function storedSegments(
  directory: string,
  dataSource: string | null,
  host: Invocation['host'],
): Promise<ListedSegment[]> {
  const dataDir = dataDirAt(directory, host);
  checkHasMetadata(dataDir);
  const records = await withMetadata(dataDir, (metadata) =>
    metadata.segments(dataSource === null ? {} : { dataSource }),
  );
  return records.map(listedRecord);
}

function listedRecord({ descriptor, state, used }: SegmentRecord): ListedSegment {
  const { id } = descriptor;
  return {
    id: formatSegmentId(id),
    dataSource: id.dataSource,
    namespace: id.namespace,
    interval: `${formatInstant(id.interval.start)}/${formatInstant(id.interval.end)}`,
    version: id.version,
    partition: id.partition,
    state: used ? state : 'disabled',
    rowCount: descriptor.rowCount,
    bytes: descriptor.bytes,
  };
}

/** Asks for the datasources, then for the metadata of each one's segments, unmerged and without analysis. */
async function servedSegments(
  url: string,
  dataSource: string | null,
  signal: AbortSignal,
): Promise<ListedSegment[]> {
  const names =
    dataSource === null
      ? ((await ask(url, '/druid/v2/datasources', { signal })) as readonly string[])
      : [dataSource];
  const listed: ListedSegment[] = [];
  for (const name of names) {
    const body = JSON.stringify({
      queryType: 'segmentMetadata',
      dataSource: name,
      intervals: ['-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z'],
      merge: false,
      analysisTypes: ['interval'],
    });
    const answer = await ask(url, '/druid/v2', { body, signal });
    // The shape is Druid's segmentMetadata answer, which the query service wrote.
    for (const segment of answer as readonly ServedSegment[]) {
      listed.push({
        id: segment.id,
        dataSource: name,
        namespace: null,
        interval: segment.intervals?.[0] ?? '',
        version: null,
        partition: null,
        state: 'visible',
        rowCount: segment.numRows,
        bytes: null,
      });
    }
  }
  return listed;
}

interface ServedSegment {
  readonly id: string;
  readonly intervals: readonly string[] | null;
  readonly numRows: number;
}

async function ask(
  url: string,
  path: string,
  options: { readonly body?: string; readonly signal: AbortSignal },
): Promise<unknown> {
  const answer = await request(url, path, options);
  if (answer.status === 200) return parseJson(answer.body, `The answer of ${url}${path}`);
  throw new UnavailableError(errorMessageOf(answer), { code: 'LIST_REFUSED' });
}

/** @param isShort  leaves the zeros of midnights and minutes out of ids, so that most fit on a terminal */
function listText(segments: readonly ListedSegment[], isShort: boolean): string {
  if (segments.length === 0) return 'no segments\n';
  const rowCount = segments.reduce((sum, segment) => sum + segment.rowCount, 0);
  const hasBytes = segments.every((segment) => segment.bytes !== null);
  const bytes = segments.reduce((sum, segment) => sum + (segment.bytes ?? 0), 0);
  const table = textTable(
    [
      { title: 'segment', align: 'left' },
      { title: 'state', align: 'left' },
      { title: 'rows', align: 'right' },
      ...(hasBytes ? [{ title: 'size', align: 'right' } as const] : []),
    ],
    segments.map((segment) => [
      isShort ? shortId(segment.id) : segment.id,
      segment.state,
      countText(segment.rowCount),
      ...(hasBytes ? [byteText(segment.bytes ?? 0)] : []),
    ]),
  );
  return `${table}${countText(segments.length)} segments, ${countText(rowCount)} rows${hasBytes ? `, ${byteText(bytes)}` : ''}\n`;
}

function shortId(id: string): string {
  return id.replaceAll('T00:00:00.000Z', '').replaceAll(':00.000Z', 'Z');
}
