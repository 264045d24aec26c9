/** `isotherm coordinator|historical|broker|query-service`: one role as a process of its own. */
import type { Command, Options } from '../command.ts';

/** A role's name, what it is for, and which keys of its configuration have flags. */
interface Role {
  readonly name: RoleName;
  readonly summary: string;
  readonly keys: Readonly<Record<string, RoleKey>>;
}

/** The roles that run as processes. */
export type RoleName = 'coordinator' | 'historical' | 'broker' | 'query-service';

interface RoleKey {
  /** Where the value goes in the role's JSON. */
  readonly path: readonly string[];
  readonly placeholder: string;
  readonly description: string;
}

const key = (path: string, placeholder: string, description: string): RoleKey => ({
  path: path.split('.'),
  placeholder,
  description,
});

const listen = key('listen', 'HOST:PORT', 'Address to listen on.');
const coordinator = key('coordinator', 'HOST:PORT', "The coordinator's address.");

const roles: readonly Role[] = [
  {
    name: 'coordinator',
    summary: 'assigns segments to historicals and makes jobs visible',
    keys: { listen, 'metadata-path': key('metadata.path', 'FILE', 'The SQLite metadata store.') },
  },
  {
    name: 'historical',
    summary: 'holds segments and runs queries over them',
    keys: {
      listen,
      coordinator,
      tier: key('tier', 'NAME', 'Its tier: hot, cold, icy or a name of yours.'),
      'cache-dir': key('cacheDir', 'DIR', 'Where its copies of segments go.'),
      'deep-storage-path': key('deepStorage.path', 'DIR', 'The folder of deep storage.'),
    },
  },
  {
    name: 'broker',
    summary: 'plans queries, asks historicals and merges their answers',
    keys: {
      listen,
      coordinator,
      'snapshot-dir': key('snapshotDir', 'DIR', 'Where it keeps its last timeline.'),
    },
  },
  {
    name: 'query-service',
    summary: 'serves queries over HTTP',
    keys: { listen, broker: key('broker', 'HOST:PORT', "The broker's address.") },
  },
];

/** One command a role. */
export const roleCommands: readonly Command[] = roles.map((role) => ({
  name: role.name,
  summary: role.summary,
  arguments: [],
  options: {
    config: {
      type: 'text',
      placeholder: 'FILE',
      description: "The role's JSON configuration.",
      isSetting: true,
    },
    ...Object.fromEntries(
      Object.entries(role.keys).map(([name, { placeholder, description }]) => [
        name,
        { type: 'text' as const, placeholder, description, isSetting: true },
      ]),
    ),
  } satisfies Options,
  examples: [
    {
      line: `isotherm ${role.name} --config examples/cluster/${role.name === 'historical' ? 'historical-hot' : role.name}.json`,
      effect: 'prints "ready ADDRESS" when it serves; Ctrl-C or SIGTERM stops it cleanly',
    },
    {
      line: `isotherm ${role.name} --config ${role.name}.json --listen 127.0.0.1:9001`,
      effect: 'flags win over ISOTHERM_* variables, and those over the file',
    },
  ],
  notes: ['All keys of the file: docs/reference/configuration.md'],
  async run({ values, host }) {
    // Loaded here, because the roles bring their whole engine and `--help` needs none of it.
    const { runRole } = await import('../run-role.ts');
    const overrides = Object.entries(role.keys).flatMap(([flag, { path }]) => {
      const value = values.optionalText(flag);
      return value === null ? [] : [{ path, value }];
    });
    return runRole(role.name, { configPath: values.optionalText('config'), overrides, host });
  },
}));
