/**
 * Local copies of segments. A copy is used only after its size and SHA-256 were checked against the
 * descriptor; the descriptor is written last and is the proof of that, so a download that was cut off
 * is no copy. A damaged copy is moved aside and fetched again.
 *
 *   segments/<folder>/segment.arrow      the file, checked before it was written
 *   segments/<folder>/descriptor.json    key and descriptor
 *   quarantine/<folder>.arrow            the last damaged copy, for a human to look at
 *
 * `<folder>` is the SHA-256 of the segment's key, since keys may hold any letter and be long.
 */
import { createHash, webcrypto } from 'node:crypto';
import type { DeepStorage } from '@isotherm/deep-storage';
import { CorruptSegmentError, NotFoundError, StoreError } from '@isotherm/errors';
import type { Disk } from '@isotherm/platform';
import { type SegmentDescriptor, formatSegmentId } from '@isotherm/timeline';

/** A copy that is there. */
interface LocalCopy {
  readonly segmentKey: string;
  readonly descriptor: SegmentDescriptor;
}

/** Fetches of a damaged object before it counts as damaged in deep storage itself. */
const fetchAttempts = 3;

/** The copies below one disk. */
export class SegmentCache {
  readonly #disk: Disk;
  readonly #storage: DeepStorage;

  constructor(options: { disk: Disk; storage: DeepStorage }) {
    this.#disk = options.disk;
    this.#storage = options.storage;
  }

  /** Path of a copy on the disk, there or not. */
  pathOf(segmentKey: string): string {
    return `${folderOf(segmentKey)}/segment.arrow`;
  }

  /**
   * Makes sure that there is a checked copy.
   *
   * @throws CorruptSegmentError code CORRUPT_IN_DEEP_STORAGE when three fetches give wrong bytes;
   *   NotFoundError, StoreError of deep storage or the disk
   */
  async fetch(segmentKey: string, descriptor: SegmentDescriptor): Promise<void> {
    const known = await this.#readDescriptor(folderOf(segmentKey));
    if (known?.descriptor.sha256 === descriptor.sha256 && (await this.#hasFile(known))) return;
    for (let attempt = 1; ; attempt++) {
      const bytes = await this.#storage.get(descriptor.key);
      const fault = await faultOf(bytes, descriptor);
      if (fault === null) {
        await this.#keep(segmentKey, descriptor, bytes);
        return;
      }
      if (attempt === fetchAttempts) {
        throw new CorruptSegmentError(
          `Segment "${segmentKey}" is damaged in deep storage: ${fault}. Ingest it again.`,
          { code: 'CORRUPT_IN_DEEP_STORAGE', details: { segmentKey, key: descriptor.key } },
        );
      }
    }
  }

  /**
   * Finds the copies that an earlier process left, by their descriptors and sizes; removes folders
   * without. Their content is checked by the checksums of the columns as these are loaded, so that a
   * node with terabytes serves again within seconds.
   *
   * @throws StoreError if the disk fails
   */
  async list(): Promise<LocalCopy[]> {
    const copies: LocalCopy[] = [];
    const folders = new Set<string>();
    for (const path of await this.#disk.list('segments')) {
      folders.add(path.slice(0, path.lastIndexOf('/')));
    }
    for (const folder of folders) {
      const copy = await this.#readDescriptor(folder);
      if (copy !== null && (await this.#hasFile(copy))) copies.push(copy);
      else await this.#disk.remove(folder);
    }
    return copies;
  }

  /** Moves a damaged copy aside; the next `fetch` gets a new one. */
  async quarantine(segmentKey: string): Promise<void> {
    const folder = folderOf(segmentKey);
    await this.#disk.remove(`${folder}/descriptor.json`);
    try {
      const bytes = await this.#disk.read(this.pathOf(segmentKey));
      await this.#disk.writeAtomic(quarantinePathOf(segmentKey), bytes);
    } catch (error) {
      // A copy that cannot even be read leaves nothing to look at.
      if (!(error instanceof NotFoundError)) await this.#disk.remove(quarantinePathOf(segmentKey));
    }
    await this.#disk.remove(folder);
  }

  /** Removes a copy, its quarantined twin included. */
  async remove(segmentKey: string): Promise<void> {
    const folder = folderOf(segmentKey);
    await this.#disk.remove(`${folder}/descriptor.json`);
    await this.#disk.remove(folder);
    await this.#disk.remove(quarantinePathOf(segmentKey));
  }

  async #keep(segmentKey: string, descriptor: SegmentDescriptor, bytes: Uint8Array): Promise<void> {
    const folder = folderOf(segmentKey);
    await this.#disk.remove(`${folder}/descriptor.json`);
    await this.#disk.writeAtomic(this.pathOf(segmentKey), bytes);
    await this.#disk.writeAtomic(
      `${folder}/descriptor.json`,
      new TextEncoder().encode(JSON.stringify(descriptor)),
    );
  }

  /** The descriptor in a folder, or null when it is absent, cut short or another segment's. */
  async #readDescriptor(folder: string): Promise<LocalCopy | null> {
    try {
      const text = new TextDecoder().decode(await this.#disk.read(`${folder}/descriptor.json`));
      // Written by #keep; a damaged one fails here or does not lead back to its own folder.
      const descriptor = JSON.parse(text) as SegmentDescriptor;
      const segmentKey = formatSegmentId(descriptor.id);
      return folderOf(segmentKey) === folder ? { segmentKey, descriptor } : null;
    } catch (error) {
      // A disk that fails now says nothing about the copy: it must not be thrown away for that.
      if (error instanceof StoreError) throw error;
      return null;
    }
  }

  async #hasFile({ segmentKey, descriptor }: LocalCopy): Promise<boolean> {
    return (await this.#disk.size(this.pathOf(segmentKey))) === descriptor.bytes;
  }
}

async function faultOf(bytes: Uint8Array, descriptor: SegmentDescriptor): Promise<string | null> {
  if (bytes.length !== descriptor.bytes) {
    return `it has ${bytes.length} bytes instead of ${descriptor.bytes}`;
  }
  // Web Crypto hashes on another thread, so that queries go on meanwhile. Storage reads give ArrayBuffers.
  const digest = await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  const hex = Buffer.from(digest).toString('hex');
  return hex === descriptor.sha256 ? null : 'its SHA-256 is another one';
}

function nameOf(segmentKey: string): string {
  return createHash('sha256').update(segmentKey).digest('hex');
}

function folderOf(segmentKey: string): string {
  return `segments/${nameOf(segmentKey)}`;
}

function quarantinePathOf(segmentKey: string): string {
  return `quarantine/${nameOf(segmentKey)}.arrow`;
}
