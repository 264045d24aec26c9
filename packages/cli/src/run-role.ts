/** Runs one role as this process until it is told to stop. */
import { resolve } from 'node:path';
import { main as brokerMain } from '@isotherm/broker';
import { coordinatorMain } from '@isotherm/coordinator';
import { main as historicalMain } from '@isotherm/historical';
import { main as queryServiceMain } from '@isotherm/query-service';
import type { RoleName } from './commands/roles.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { readJsonObject } from './settings.ts';
import { untilAborted } from './until-aborted.ts';

/** A value of a flag or variable and where it goes in the role's JSON. */
export interface Override {
  readonly path: readonly string[];
  readonly value: string;
}

interface RunningRole {
  readonly address: string;
  close(): Promise<void>;
}

/** Starts the role, prints `ready ADDRESS`, and closes it at Ctrl-C or SIGTERM. */
export async function runRole(
  name: RoleName,
  options: {
    readonly configPath: string | null;
    readonly overrides: readonly Override[];
    readonly host: Host;
  },
): Promise<number> {
  const { configPath, overrides, host } = options;
  const file = configPath === null ? {} : readJsonObject(resolve(host.cwd, configPath));
  const config = overrides.reduce(withOverride, file);
  const log = (line: string): void => host.stderr.write(`${line}\n`);
  const role = await start(name, config, log);
  host.stdout.write(`ready ${role.address}\n`);
  await untilAborted(host.interrupted);
  await role.close();
  return exitCodes.ok.code;
}

async function start(
  name: RoleName,
  config: unknown,
  log: (line: string) => void,
): Promise<RunningRole> {
  switch (name) {
    case 'coordinator':
      return coordinatorMain(config, log);
    case 'historical':
      return historicalMain(config, log);
    case 'broker':
      return brokerMain(config, log);
    case 'query-service': {
      const service = await queryServiceMain(config, log);
      return { address: service.url, close: () => service.close() };
    }
    default:
      return name satisfies never;
  }
}

/** Sets a value deep inside a JSON object, which stays as it is; missing objects on the way are made. */
function withOverride(
  object: Readonly<Record<string, unknown>>,
  { path, value }: Override,
): Readonly<Record<string, unknown>> {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return { ...object, [first]: value };
  const inner = object[first];
  const below =
    typeof inner === 'object' && inner !== null ? { ...inner } : { type: typeOf(first) };
  return { ...object, [first]: withOverride(below, { path: rest, value }) };
}

/** The only kind there is of each of these, so that a path given as a flag needs no file beside it. */
function typeOf(name: string): string {
  return name === 'metadata' ? 'sqlite' : 'local';
}
