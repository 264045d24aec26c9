/** Command line of the bench. */
import { parseArgs } from 'node:util';

/** What a run does. */
export interface BenchOptions {
  readonly rowCount: number;
  readonly seed: number;
  /** Print the line of the history last, and progress to stderr. */
  readonly isJson: boolean;
  /** Take the data directory of the last run with the same input instead of ingesting again. */
  readonly reusesIngest: boolean;
  /** Names of the queries to run; null = all. */
  readonly onlyQueries: readonly string[] | null;
  /** Profile this query in the engine instead of comparing; null = compare all. */
  readonly profiledQuery: string | null;
}

/** Text of `--help`. */
export const helpText = `npm run bench -- [options]: Isotherm beside DuckDB and ClickHouse, on the same rows

  --rows N         Rows of the ads table. Default: 20000000.
  --seed N         Seed of the table. Default: 1.
  --json           Print the run as one JSON line, last.
  --reuse          Keep the segments that an earlier run with the same rows ingested.
  --only Q1,Q5w    Run only these queries.
  --profile QUERY  Profile one query (such as Q4) in the engine, print where its time goes, and stop.
  -h, --help       Show this page.

Every run that compares appends its line to bench/history.jsonl.
`;

const defaultRows = 20_000_000;

/** @returns null when help was asked for @throws Error for unknown options and wrong numbers */
export function readOptions(words: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rows: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      reuse: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  return {
    rowCount: wholeNumber('--rows', values.rows, defaultRows),
    seed: wholeNumber('--seed', values.seed, 1),
    isJson: values.json,
    reusesIngest: values.reuse,
    onlyQueries: values.only?.split(',') ?? null,
    profiledQuery: values.profile ?? null,
  };
}

function wholeNumber(name: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard;
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new Error(`${name} is "${text}". Expected a whole number from 1 to 999999999.`);
  }
  return Number(text);
}
