/**
 * The last known view on local disk, as JSON: `{format, savedAtMs, update}` where the update is a whole
 * one. A broker starts from it while the coordinator is away; what cannot be read counts as absent,
 * because the coordinator knows it all anyway.
 */
import { JsonFields, NotFoundError } from '@isotherm/errors';
import type { Disk } from '@isotherm/platform';
import type { TimelineUpdate } from '@isotherm/rpc';
import { type TimelineView, applyUpdate, wholeUpdate } from './timeline-view.ts';

const path = 'timeline.json';
const format = 1;

/** A view and when it was known to be current, epoch milliseconds. */
interface Snapshot {
  readonly view: TimelineView;
  readonly savedAtMs: number;
}

/** Writes the snapshot whole or not at all. */
export async function writeSnapshot(disk: Disk, { view, savedAtMs }: Snapshot): Promise<void> {
  const json = JSON.stringify({ format, savedAtMs, update: wholeUpdate(view) });
  await disk.writeAtomic(path, new TextEncoder().encode(json));
}

/**
 * Reads the snapshot.
 *
 * @param onUnreadable told when there is one that cannot be used
 * @returns null when there is none to use
 */
export async function readSnapshot(
  disk: Disk,
  onUnreadable: (reason: string) => void,
): Promise<Snapshot | null> {
  try {
    const text = new TextDecoder().decode(await disk.read(path));
    const fields = new JsonFields(JSON.parse(text), '');
    if (fields.number('format') !== format) {
      throw fields.fault('format', 'is another one', `Expected ${format}.`, 'UNKNOWN_FORMAT');
    }
    // This broker wrote it whole, by this format; a damaged one fails while the view is built.
    const update = fields.required('update') as TimelineUpdate;
    return { view: applyUpdate(null, update), savedAtMs: fields.number('savedAtMs') };
  } catch (error) {
    if (!(error instanceof NotFoundError)) {
      onUnreadable(error instanceof Error ? error.message : 'unknown');
    }
    return null;
  }
}
