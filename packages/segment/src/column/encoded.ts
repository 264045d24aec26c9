/** What every column kind hands to the writer: its Arrow arrays, its own blocks and its figures. */
import type { ArrowField } from '../arrow/metadata.ts';
import type { ColumnStatistics } from '../columns.ts';
import type { BlockRole, ColumnLayout } from '../format.ts';

/** Bytes with their role; an Arrow buffer that is left empty has none. */
export type RoleBytes = readonly [role: BlockRole | null, bytes: Uint8Array];

/** A buffer that Arrow's layout asks for and that holds nothing. */
export const absentBuffer: RoleBytes = [null, new Uint8Array(0)];

/** One column, encoded and not yet compressed. */
export interface EncodedColumn {
  readonly name: string;
  readonly layout: ColumnLayout;
  readonly statistics: ColumnStatistics;
  readonly field: ArrowField;
  /** The dictionary batch's array, or null. */
  readonly dictionary: { readonly length: number; readonly buffers: readonly RoleBytes[] } | null;
  readonly nodes: readonly { readonly length: number; readonly nullCount: number }[];
  readonly buffers: readonly RoleBytes[];
  /** Blocks that Arrow does not know. */
  readonly own: readonly RoleBytes[];
}

/** A validity bitmap as a buffer, absent when there are no nulls. */
export function validityBuffer(bits: Uint8Array | null): RoleBytes {
  return bits === null ? absentBuffer : ['validity', bits];
}
