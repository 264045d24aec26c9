import type { DeepStorage } from '@isotherm/deep-storage';
import type { Disk } from '@isotherm/platform';
import type { ByteSource } from '@isotherm/segment';
import type { SegmentPlace } from './worker-messages.ts';

/** Opens segments where they are: files by ranged reads of the disk, objects by ranged gets. Nothing is read yet. */
export function openPlaceFrom(
  disk: Disk,
  storage: DeepStorage,
): (place: SegmentPlace) => ByteSource {
  return ({ type, path, byteLength }) =>
    type === 'object'
      ? { byteLength, read: (start, end) => storage.getRange(path, start, end) }
      : {
          byteLength,
          read: (start, end) => disk.read(path, { start, end }),
          readInto: (parts) => disk.readInto(path, parts),
        };
}
