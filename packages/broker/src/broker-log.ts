/** The broker's log: one JSON line an event, without cell data. */
import type { Clock } from '@isotherm/platform';

/** Notes an event. Fields are names, counts and messages of errors. */
export type BrokerLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** Makes a log of lines. */
export function brokerLog(clock: Clock, line: (line: string) => void): BrokerLog {
  return (event, fields) => {
    const time = new Date(clock.nowMs()).toISOString();
    line(JSON.stringify({ time, role: 'broker', event, ...fields }));
  };
}
