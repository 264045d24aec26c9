/** Runs `isotherm ingest`: the job, its report, and the wait until queries see it. */
import { resolve } from 'node:path';
import { CancelledError, IsothermError, UnavailableError } from '@isotherm/errors';
import type { BadRow, IngestionReport } from '@isotherm/ingest-spark-like';
import { nodeClock } from '@isotherm/platform';
import type { Invocation } from './command.ts';
import { type DataDir, dataDirAt, withMetadata } from './data-dir.ts';
import { exitCodes } from './exit-codes.ts';
import { byteText, countText, durationText } from './figures.ts';
import type { Host } from './host.ts';
import { ingestJob } from './ingest-job.ts';
import { progressView } from './progress.ts';

const pollMs = 100;
/** Malformed rows that are shown; the report in JSON has the first hundred. */
const shownBadRows = 10;
const shownSegments = 20;

/** @returns 0, or the exit code of what was thrown */
export async function runIngest({ arguments: words, values, host }: Invocation): Promise<number> {
  const isJson = values.isOn('json');
  const dryRun = values.isOn('dry-run');
  const dataDir = dataDirAt(values.text('data-dir'), host);
  const report = await ingestJob({
    dataDir,
    specPath: resolve(host.cwd, words[0] ?? ''),
    view: progressView(host, isJson ? 'json' : 'text'),
    signal: host.interrupted,
    dryRun,
  }).catch((error: unknown) => {
    tellFailure(error, { isJson, host });
    throw error;
  });
  if (isJson) host.stdout.write(`${JSON.stringify({ event: 'done', ...report })}\n`);
  else {
    host.stderr.write(remarks(report));
    host.stdout.write(reportText(report));
  }
  if (!values.isOn('wait') || report.jobId === null) return exitCodes.ok.code;
  const timelineVersion = await untilVisible(dataDir, report.jobId, {
    timeoutMs: values.integer('wait-timeout') * 1000,
    signal: host.interrupted,
  });
  host.stdout.write(
    isJson
      ? `${JSON.stringify({ event: 'visible', jobId: report.jobId, timelineVersion })}\n`
      : `Visible to queries since timeline version ${timelineVersion}.\n`,
  );
  return exitCodes.ok.code;
}

/** @returns the timeline version at which the job became visible @throws UnavailableError after the time limit */
async function untilVisible(
  dataDir: DataDir,
  jobId: string,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<number> {
  const clock = nodeClock();
  const deadlineMs = clock.monotonicMs() + options.timeoutMs;
  return withMetadata(dataDir, async (metadata) => {
    for (;;) {
      const job = await metadata.job(jobId);
      if (job?.state === 'visible') return job.timelineVersion ?? 0;
      if (options.signal.aborted) throw new CancelledError('Waiting was stopped.');
      if (clock.monotonicMs() > deadlineMs) {
        throw new UnavailableError(
          `Job "${jobId}" is published, but was not visible after ${options.timeoutMs / 1000} s. Expected a running cluster to load its segments. Start one with "isotherm standalone --data-dir ${dataDir.path}"; the job needs nothing more.`,
          { code: 'NOT_VISIBLE_YET' },
        );
      }
      await clock.sleep(pollMs);
    }
  });
}

/** Says more than the sentence that follows: an event for programs, the first bad rows for people. */
function tellFailure(error: unknown, { isJson, host }: { isJson: boolean; host: Host }): void {
  if (!(error instanceof IsothermError)) return;
  const { code, message, details } = error;
  if (isJson) {
    host.stdout.write(`${JSON.stringify({ event: 'failed', code, message, details })}\n`);
  } else if (code === 'TOO_MANY_BAD_ROWS') {
    // The ingestor put them there; see bad-rows.ts.
    const badRows = (details['badRows'] ?? []) as readonly BadRow[];
    host.stderr.write(
      badRowLines(badRows)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
}

function badRowLines(badRows: readonly BadRow[]): string[] {
  return badRows
    .slice(0, shownBadRows)
    .map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`);
}

/** What people should know although the job went well. */
function remarks(report: IngestionReport): string {
  const badRows = badRowLines(report.badRows);
  const more = report.rowsRejected - badRows.length;
  return [
    ...report.warnings,
    ...(report.withoutEffect.length === 0
      ? []
      : [`Without effect here: ${report.withoutEffect.join(', ')}.`]),
    ...(report.rowsRejected === 0
      ? []
      : [`Malformed rows that were left out: ${countText(report.rowsRejected)}`, ...badRows]),
    ...(more > 0 ? [`  … and ${countText(more)} more`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function reportText(report: IngestionReport): string {
  const name =
    report.namespace === 'default'
      ? report.dataSource
      : `${report.dataSource}, namespace ${report.namespace}`;
  switch (report.status) {
    case 'alreadyPublished':
      return `${name}: the same job was published before as version ${report.version}. Nothing to do.\n`;
    case 'dryRun':
      return `${name}: ${countsText(report)}. A dry run: nothing was written.\n${segmentLines(report)}`;
    case 'published':
      return `${name}: ${countsText(report)}, ${byteText(report.segmentBytes)}, in ${durationText(totalMs(report))}.\nPublished as version ${report.version}.\n`;
  }
}

function countsText(report: IngestionReport): string {
  const filtered =
    report.rowsFiltered === 0 ? '' : ` (${countText(report.rowsFiltered)} filtered out)`;
  const segments = report.segments.length === 1 ? 'segment' : 'segments';
  const rows = report.rowsRead === 1 ? 'row' : 'rows';
  return `${countText(report.rowsRead)} ${rows} read${filtered}, ${countText(report.rowsStored)} stored in ${countText(report.segments.length)} ${segments}`;
}

function segmentLines({ segments }: IngestionReport): string {
  const lines = segments
    .slice(0, shownSegments)
    .map(({ interval, rowCount }) => `  ${interval}  ${countText(rowCount)} rows\n`);
  const more = segments.length - lines.length;
  return lines.join('') + (more > 0 ? `  … and ${countText(more)} more\n` : '');
}

function totalMs({ phaseMs }: IngestionReport): number {
  return Object.values(phaseMs).reduce((sum, ms) => sum + ms, 0);
}
