/**
 * Segment descriptors as rows hold them.
 */
import type { SegmentDescriptor } from '@isotherm/timeline';
import { type SqlRow, textOf } from './connection.ts';

/** Reads the descriptor of a row of `segments`. */
export function descriptorOf(row: SqlRow): SegmentDescriptor {
  // Written by publishJob from the same type.
  return JSON.parse(textOf(row, 'descriptor')) as SegmentDescriptor;
}
