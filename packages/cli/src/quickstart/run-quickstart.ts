/** The tour: sample data, ingestion, a cluster in this process, three questions over HTTP. */
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UnavailableError } from '@isotherm/errors';
import { nodeClock } from '@isotherm/platform';
import { checkPortIsFree } from '../check-port.ts';
import { untilReady } from '../cluster-ready.ts';
import type { Invocation } from '../command.ts';
import { type DataDir, dataDirAt } from '../data-dir.ts';
import { exitCodes } from '../exit-codes.ts';
import { byteText, countText, durationText } from '../figures.ts';
import { type Host, type Styles, stylesFor } from '../host.ts';
import { errorMessageOf, request } from '../http-client.ts';
import { ingestJob } from '../ingest-job.ts';
import { progressView } from '../progress.ts';
import { resultRecords } from '../result-records.ts';
import { parseJson } from '../settings.ts';
import { startCluster } from '../standalone-cluster.ts';
import { textTable } from '../text-table.ts';
import { untilAborted } from '../until-aborted.ts';
import { adsDayCount } from './ads-data.ts';
import { writeAdsFiles } from './ads-files.ts';
import { adsDataSource, adsSpec } from './ads-spec.ts';
import { type Question, queryText, questions } from './questions.ts';

const readyTimeoutMs = 120_000;
const logName = 'cluster.log';

/** Runs the tour and, without `--exit`, stays up until Ctrl-C. */
export async function runQuickstart({ values, host }: Invocation): Promise<number> {
  const clock = nodeClock();
  const startMs = clock.monotonicMs();
  const port = values.integer('port');
  await checkPortIsFree(port);
  const dataDir = dataDirAt(values.text('data-dir'), host);
  mkdirSync(dataDir.path, { recursive: true });
  const styles = stylesFor(host.stdout, host.env);
  const step = (title: string): void => host.stdout.write(`\n${styles.bold(title)}\n`);

  step('1. Sample data');
  await makeData(dataDir, { seed: values.integer('seed'), rowCount: values.integer('rows') }, host);
  step('2. Ingest');
  await ingest(dataDir, host);
  step('3. Cluster');
  const logPath = join(dataDir.path, logName);
  writeFileSync(logPath, '');
  const cluster = await startCluster(dataDir, {
    port,
    log: (line) => writeFileSync(logPath, `${line}\n`, { flag: 'a' }),
  });
  try {
    const clusterMs = clock.monotonicMs();
    const notes = await untilReady(cluster, {
      timeoutMs: readyTimeoutMs,
      signal: host.interrupted,
    });
    for (const note of notes) host.stderr.write(`${note}\n`);
    const { visibleSegments, timelineVersion } = cluster.broker.status();
    host.stdout.write(
      `coordinator, historical, broker and query service in this process:\n${countText(visibleSegments)} segments loaded, timeline version ${timelineVersion ?? 0}, ${durationText(clock.monotonicMs() - clusterMs)}\n`,
    );
    step('4. Three questions over HTTP');
    for (const question of questions) await ask(question, cluster.url, host, styles);
    host.stdout.write(`Done in ${durationText(clock.monotonicMs() - startMs)}.\n`);
    if (values.isOn('exit')) return exitCodes.ok.code;
    host.stdout.write(nextSteps(cluster.url, dataDir, host, styles));
    await untilAborted(host.interrupted);
    host.stdout.write('\nStopping.\n');
    return exitCodes.ok.code;
  } finally {
    await cluster.close();
  }
}

async function makeData(
  dataDir: DataDir,
  options: { readonly seed: number; readonly rowCount: number },
  host: Host,
): Promise<void> {
  const clock = nodeClock();
  const startMs = clock.monotonicMs();
  const view = progressView(host, 'text');
  const folder = join(dataDir.path, 'input');
  const files = await writeAdsFiles(
    folder,
    options,
    (rows) => view.show({ phase: 'generate', done: rows, total: options.rowCount, rows, bytes: 0 }),
    host.interrupted,
  ).finally(() => view.end());
  const what = `${countText(files.rowCount)} rows over ${adsDayCount} days, ${files.fileCount} CSV files in ${shownPath(folder, host)}`;
  const time = durationText(clock.monotonicMs() - startMs);
  host.stdout.write(files.wasThere ? `${what}\nThey were there already.\n` : `${what}\n${time}\n`);
}

async function ingest(dataDir: DataDir, host: Host): Promise<void> {
  const specPath = join(dataDir.path, 'ads.json');
  const specText = `${JSON.stringify(adsSpec('input'), null, 2)}\n`;
  // Written only when it differs, so that what a user changed beside it keeps its time.
  if (!existsSync(specPath) || readFileSync(specPath, 'utf8') !== specText) {
    writeFileSync(specPath, specText);
  }
  const clock = nodeClock();
  const startMs = clock.monotonicMs();
  const report = await ingestJob({
    dataDir,
    specPath,
    view: progressView(host, 'text'),
    signal: host.interrupted,
    dryRun: false,
  });
  if (report.status === 'alreadyPublished') {
    host.stdout.write(`The same job was published before as version ${report.version}.\n`);
    return;
  }
  host.stdout.write(
    `${countText(report.rowsRead)} rows rolled up to ${countText(report.rowsStored)} in ${report.segments.length} segments, ${byteText(report.segmentBytes)}\n${durationText(clock.monotonicMs() - startMs)}\n`,
  );
}

/** Asks one question and prints its table with what it cost and covered. */
async function ask(question: Question, url: string, host: Host, styles: Styles): Promise<void> {
  const clock = nodeClock();
  const startMs = clock.monotonicMs();
  const answer = await request(url, '/druid/v2', {
    body: queryText(question),
    signal: host.interrupted,
  });
  const elapsedMs = clock.monotonicMs() - startMs;
  if (answer.status !== 200) {
    throw new UnavailableError(
      `The query examples/${question.file} failed: ${errorMessageOf(answer)}`,
      { code: 'QUICKSTART_QUERY' },
    );
  }
  const records = resultRecords(parseJson(answer.body, 'The answer'));
  const { scannedRows, segmentsAnswered, segmentsTotal } = answer.context;
  const cost = `${durationText(elapsedMs)}, ${countText(Number(scannedRows ?? 0))} rows scanned, ${String(segmentsAnswered)} of ${String(segmentsTotal)} segments`;
  host.stdout.write(
    `${question.title}\n${textTable(
      question.columns,
      records.map((record) => question.cells(record)),
    )}${styles.faint(cost)}\n\n`,
  );
}

function nextSteps(url: string, dataDir: DataDir, host: Host, styles: Styles): string {
  const directory = shownPath(dataDir.path, host);
  const option = url === 'http://127.0.0.1:8888' ? '' : ` \\\n    --url ${url}`;
  return [
    '',
    styles.bold('It stays up. In a second terminal:'),
    `  node_modules/.bin/isotherm query examples/top-campaigns.json --table${option}`,
    `  node_modules/.bin/isotherm segments list --data-dir ${directory}`,
    `  curl -s ${url}/druid/v2 -H 'content-type: application/json' \\`,
    '    -d @examples/daily-spend.json',
    '',
    `  queries      ${url}/druid/v2`,
    `  datasources  ${url}/druid/v2/datasources (here: ${adsDataSource})`,
    `  health       ${url}/status/health`,
    `  metrics      ${url}/metrics`,
    `  log          ${join(directory, logName)}`,
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
}

function shownPath(path: string, host: Host): string {
  const short = relative(host.cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}
