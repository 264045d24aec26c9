/** What every column kind hands to the writer: its blocks and its figures. */
import type { ColumnStatistics } from '../columns.ts';
import type { BlockRole, ColumnLayout } from '../format.ts';

/** One column, encoded and not yet compressed. */
export interface EncodedColumn {
  readonly name: string;
  readonly layout: ColumnLayout;
  readonly statistics: ColumnStatistics;
  /** Arrow's buffers and our own blocks; a role that the column does not need is absent. */
  readonly blocks: ReadonlyMap<BlockRole, Uint8Array>;
}

/** Collects blocks by role, passing over those that are null. */
export function blocksOf(
  blocks: Readonly<Partial<Record<BlockRole, Uint8Array | null>>>,
): Map<BlockRole, Uint8Array> {
  const found = new Map<BlockRole, Uint8Array>();
  for (const [role, bytes] of Object.entries(blocks)) {
    // The type of the argument has no other names.
    if (bytes !== null) found.set(role as BlockRole, bytes);
  }
  return found;
}
