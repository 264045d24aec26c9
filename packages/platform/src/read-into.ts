import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checkRange } from './disk-range.ts';
import type { DiskPart } from './platform.ts';

/**
 * Reads parts of a file to where they stay, without a copy and without a turn of the event loop: from
 * the page cache that takes a fraction of what a promise and a buffer a part would.
 *
 * @throws StoreError code SHORT_FILE if a part leaves the file, or what the system says
 */
export function readPartsInto(file: string, path: string, parts: readonly DiskPart[]): void {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    for (const { start, target } of parts) {
      const end = start + target.length;
      checkRange(path, { start, end }, size);
      for (let filled = 0; filled < target.length;) {
        const left = target.length - filled;
        const bytesRead = readSync(handle, target, filled, left, start + filled);
        // Cut since its size was asked for.
        if (bytesRead === 0) checkRange(path, { start, end }, start + filled);
        filled += bytesRead;
      }
    }
  } finally {
    closeSync(handle);
  }
}
