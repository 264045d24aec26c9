/** `isotherm segments revert`: takes a version out of the timeline, or puts it back. */
import type { SegmentRecord } from '@isotherm/metadata';
import { formatSegmentId, overlaps, parseInterval } from '@isotherm/timeline';
import { NotFoundError } from '@isotherm/errors';
import type { Command, Invocation } from '../command.ts';
import { checkHasMetadata, dataDirAt, withMetadata } from '../data-dir.ts';
import { exitCodes } from '../exit-codes.ts';
import { configOption, dataDirOption } from '../setting-options.ts';
import { usageError } from '../usage-error.ts';

/** The command. */
export const segmentsRevertCommand: Command = {
  name: 'segments revert',
  summary: 'take a version out of the timeline, so that the one before it answers again',
  arguments: ['DATASOURCE'],
  options: {
    version: { type: 'integer', placeholder: 'N', description: 'The version to take out.', min: 1 },
    namespace: {
      type: 'text',
      placeholder: 'NAME',
      description: 'Its namespace.',
      default: 'default',
    },
    interval: {
      type: 'text',
      placeholder: 'START/END',
      description: 'Only segments inside this interval.',
    },
    undo: { type: 'switch', description: 'Put the version back instead.' },
    'dry-run': { type: 'switch', description: 'Only say which segments would change.' },
    'data-dir': dataDirOption,
    config: configOption,
  },
  examples: [
    {
      line: 'isotherm segments revert ads --version 7 --dry-run',
      effect: 'lists the segments of version 7 and changes nothing',
    },
    {
      line: 'isotherm segments revert ads --version 7',
      effect: 'the data of before answers again',
    },
    { line: 'isotherm segments revert ads --version 7 --undo', effect: 'version 7 answers again' },
  ],
  notes: ['Nothing is deleted: files and metadata stay, and --undo brings a version back.'],
  run: runRevert,
};

async function runRevert({ arguments: words, values, host }: Invocation): Promise<number> {
  const [dataSource = ''] = words;
  const version = values.optionalInteger('version');
  if (version === null) {
    throw usageError('"--version" is missing. "isotherm segments list" shows the versions.');
  }
  const dataDir = dataDirAt(values.text('data-dir'), host);
  checkHasMetadata(dataDir);
  const namespace = values.text('namespace');
  const intervalText = values.optionalText('interval');
  const interval = intervalText === null ? null : parseInterval(intervalText);
  const used = values.isOn('undo');
  return withMetadata(dataDir, async (metadata) => {
    const all = await metadata.segments({ dataSource, namespace });
    const matching = all.filter(
      ({ descriptor: { id } }) =>
        id.version === version && (interval === null || overlaps(id.interval, interval)),
    );
    if (matching.length === 0) throw nothingMatches({ dataSource, namespace, version }, all);
    if (values.isOn('dry-run')) {
      for (const { descriptor, used: isUsed } of matching) {
        const change = isUsed === used ? 'stays as it is' : used ? 'would come back' : 'would go';
        host.stdout.write(`${formatSegmentId(descriptor.id)}  ${change}\n`);
      }
      return exitCodes.ok.code;
    }
    const changed = await metadata.setUsed({ dataSource, namespace, version, interval }, used, {
      author: host.env['USER'] ?? 'unknown',
      comment: `isotherm segments revert${used ? ' --undo' : ''}`,
    });
    host.stdout.write(
      `${changed} segments of ${dataSource} version ${version} ${used ? 'put back into' : 'taken out of'} the timeline.\n`,
    );
    return exitCodes.ok.code;
  });
}

function nothingMatches(
  asked: { dataSource: string; namespace: string; version: number },
  all: readonly SegmentRecord[],
): NotFoundError {
  const versions = [...new Set(all.map(({ descriptor }) => descriptor.id.version))];
  const known =
    versions.length === 0
      ? 'It has no segments at all; check the datasource and --namespace.'
      : `Versions: ${versions.slice(0, 20).join(', ')}.`;
  return new NotFoundError(
    `Datasource "${asked.dataSource}" has no version ${asked.version} in namespace "${asked.namespace}" there. ${known}`,
    { code: 'NO_SEGMENTS' },
  );
}
