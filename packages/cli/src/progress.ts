/**
 * Shows how far a long piece of work is, in one of three forms:
 *
 *   a bar        when a person watches: phase, share, rows, rows/s, bytes/s, time left
 *   lines        when the output is a file: one a phase, and one every few seconds inside long ones
 *   JSON lines   when a program reads: {"event":"progress","phase":"read",…}
 */
import { type Clock, nodeClock } from '@isotherm/platform';
import cliProgress from 'cli-progress';
import { byteText, countText, durationText } from './figures.ts';
import type { Host } from './host.ts';

/** A state of the work; `done` and `total` are of one unit, and a total of 0 is not known yet. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /** Rows so far in this phase; 0 where it has none. */
  readonly rows: number;
  /** Bytes so far in this phase; 0 where it has none. */
  readonly bytes: number;
}

/** Takes states as they come, any number a second. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Ends the last phase, finished or not. */
  end(): void;
}

const lineEveryMs = 5000;
const eventEveryMs = 500;

/** Chooses the form. JSON goes to standard output, the others to standard error. */
export function progressView(host: Host, form: 'json' | 'text'): ProgressView {
  const clock = nodeClock();
  if (form === 'json') return eventView(host, clock);
  return host.stderr.isTerminal ? barView(clock) : lineView(host, clock);
}

/** A phase and when it began. */
interface Running {
  readonly phase: string;
  readonly startMs: number;
  shownMs: number;
  last: Progress;
}

function started(progress: Progress, nowMs: number): Running {
  return { phase: progress.phase, startMs: nowMs, shownMs: nowMs, last: progress };
}

function barView(clock: Clock): ProgressView {
  let running: (Running & { bar: cliProgress.SingleBar }) | null = null;
  const end = (): void => {
    if (running === null) return;
    running.bar.stop();
    running = null;
  };
  return {
    show(progress) {
      if (running?.phase !== progress.phase) {
        end();
        const begun = started(progress, clock.monotonicMs());
        const bar = new cliProgress.SingleBar({
          format: (options, params) =>
            barLine(
              begun,
              clock.monotonicMs(),
              cliProgress.Format.BarFormat(params.progress, options),
            ),
          barCompleteChar: '━',
          barIncompleteChar: '─',
          barsize: 20,
          hideCursor: true,
          stream: process.stderr,
          fps: 10,
          // Ctrl-C is for the command to handle, which stops the bar.
          gracefulExit: false,
        });
        bar.start(Math.max(1, progress.total), progress.done);
        // The same object that the bar's format reads.
        running = Object.assign(begun, { bar });
      }
      running.last = progress;
      running.bar.setTotal(Math.max(1, progress.total));
      running.bar.update(Math.min(progress.done, Math.max(1, progress.total)));
    },
    end,
  };
}

/** At most 79 columns: a bar that fills the last one makes some terminals wrap. */
function barLine(running: Running, nowMs: number, bar: string): string {
  const { phase, last } = running;
  const elapsedMs = Math.max(1, nowMs - running.startMs);
  const share = last.total === 0 ? 0 : Math.min(1, last.done / last.total);
  // Without a known end there is nothing to draw a bar of.
  const head = last.total === 0 ? '' : ` ${bar} ${String(Math.floor(share * 100)).padStart(3)}%`;
  const leftMs = share > 0 && share < 1 ? (elapsedMs / share) * (1 - share) : 0;
  const parts = [
    `${phase.padEnd(9)}${head}`,
    ...(last.rows > 0 ? [`${countText(last.rows)} rows`] : []),
    ...(last.rows > 0 ? [`${shortCount((last.rows * 1000) / elapsedMs)}/s`] : []),
    ...(last.bytes > 0 ? [`${byteText((last.bytes * 1000) / elapsedMs)}/s`] : []),
    share > 0 && share < 1 ? `ETA ${durationText(leftMs)}` : durationText(elapsedMs),
  ];
  return parts.join('  ').slice(0, 79);
}

function shortCount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1e4 ? `${Math.round(value / 1e3)}k` : String(Math.round(value));
}

function lineView(host: Host, clock: Clock): ProgressView {
  let running: Running | null = null;
  const line = (state: Running, nowMs: number): void => {
    const { done, total, rows } = state.last;
    const share = total === 0 ? '' : ` ${Math.floor((done / total) * 100)}%`;
    const count = rows === 0 ? '' : `, ${countText(rows)} rows`;
    host.stderr.write(`${state.phase}${share}${count}, ${durationText(nowMs - state.startMs)}\n`);
  };
  const end = (): void => {
    const nowMs = clock.monotonicMs();
    const isWorthALine = running !== null && (running.last.rows > 0 || nowMs - running.startMs > 5);
    if (running !== null && isWorthALine) line(running, nowMs);
    running = null;
  };
  return {
    show(progress) {
      const nowMs = clock.monotonicMs();
      if (running?.phase !== progress.phase) {
        end();
        running = started(progress, nowMs);
      }
      running.last = progress;
      if (nowMs - running.shownMs < lineEveryMs) return;
      running.shownMs = nowMs;
      line(running, nowMs);
    },
    end,
  };
}

function eventView(host: Host, clock: Clock): ProgressView {
  let running: Running | null = null;
  const event = (state: Running, nowMs: number): void => {
    const elapsedMs = Math.round(nowMs - state.startMs);
    host.stdout.write(`${JSON.stringify({ event: 'progress', ...state.last, elapsedMs })}\n`);
  };
  const end = (): void => {
    if (running !== null) event(running, clock.monotonicMs());
    running = null;
  };
  return {
    show(progress) {
      const nowMs = clock.monotonicMs();
      if (running?.phase !== progress.phase) {
        end();
        running = started(progress, nowMs);
        event(running, nowMs);
      }
      running.last = progress;
      if (nowMs - running.shownMs < eventEveryMs) return;
      running.shownMs = nowMs;
      event(running, nowMs);
    },
    end,
  };
}
