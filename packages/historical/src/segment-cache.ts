/**
 * Local copies of segments. A copy is used only after the size and SHA-256 of what was fetched were
 * checked against the descriptor; the descriptor is written last and is the proof of that, so a download
 * that was cut off is no copy. A damaged copy is moved aside and fetched again. A copy that is to be
 * loaded as a whole is written without compression; its blocks keep their own checksums.
 *
 *   segments/<folder>/segment.arrow      the file, checked before it was written
 *   segments/<folder>/descriptor.json    {descriptor, byteLength}: what was fetched, size of the copy;
 *                                        the descriptor alone where an earlier version wrote it
 *   quarantine/<folder>.arrow            the last damaged copy, for a human to look at
 *
 * `<folder>` is the SHA-256 of the segment's key, since keys may hold any letter and be long.
 */
import { createHash, webcrypto } from 'node:crypto';
import type { DeepStorage } from '@isotherm/deep-storage';
import { CorruptSegmentError, IsothermError, NotFoundError, StoreError } from '@isotherm/errors';
import type { Disk } from '@isotherm/platform';
import { type SegmentDescriptor, formatSegmentId } from '@isotherm/timeline';

/** A copy that is there. */
interface LocalCopy {
  readonly segmentKey: string;
  readonly descriptor: SegmentDescriptor;
  /** Size of the file, which is not the descriptor's when it is not compressed. */
  readonly byteLength: number;
}

/** Writes a segment file anew without compression. @throws CorruptSegmentError if it is no whole segment */
type Uncompress = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Fetches of a damaged object before it counts as damaged in deep storage itself. */
const fetchAttempts = 3;

/** The copies below one disk. */
export class SegmentCache {
  readonly #disk: Disk;
  readonly #storage: DeepStorage;
  readonly #uncompress: Uncompress;

  constructor(options: { disk: Disk; storage: DeepStorage; uncompress: Uncompress }) {
    this.#disk = options.disk;
    this.#storage = options.storage;
    this.#uncompress = options.uncompress;
  }

  /** Path of a copy on the disk, there or not. */
  pathOf(segmentKey: string): string {
    return `${folderOf(segmentKey)}/segment.arrow`;
  }

  /**
   * Makes sure that there is a checked copy; one that is there is kept in whichever form it has.
   *
   * @param options.uncompressed  write a new copy without compression
   * @returns size of the copy in bytes
   * @throws CorruptSegmentError code CORRUPT_IN_DEEP_STORAGE when three fetches give wrong bytes;
   *   NotFoundError, StoreError of deep storage or the disk
   */
  async fetch(
    segmentKey: string,
    descriptor: SegmentDescriptor,
    options: { readonly uncompressed: boolean },
  ): Promise<number> {
    const known = await this.#readDescriptor(folderOf(segmentKey));
    if (known?.descriptor.sha256 === descriptor.sha256 && (await this.#hasFile(known))) {
      return known.byteLength;
    }
    for (let attempt = 1; ; attempt++) {
      const bytes = await this.#storage.get(descriptor.key);
      const fault = await faultOf(bytes, descriptor);
      if (fault === null) {
        const kept = options.uncompressed ? await this.#unpacked(bytes) : bytes;
        await this.#keep(segmentKey, descriptor, kept);
        return kept.length;
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

  /** The file without compression. What its digest says was written so stays as it is: loading it tells what is wrong. */
  async #unpacked(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#uncompress(bytes);
    } catch (error) {
      // Out of another thread an error has the kind, not the class.
      if (error instanceof IsothermError && error.kind === 'CorruptSegmentError') return bytes;
      throw error;
    }
  }

  async #keep(segmentKey: string, descriptor: SegmentDescriptor, bytes: Uint8Array): Promise<void> {
    const folder = folderOf(segmentKey);
    await this.#disk.remove(`${folder}/descriptor.json`);
    await this.#disk.writeAtomic(this.pathOf(segmentKey), bytes);
    await this.#disk.writeAtomic(
      `${folder}/descriptor.json`,
      new TextEncoder().encode(JSON.stringify({ descriptor, byteLength: bytes.length })),
    );
  }

  /** The descriptor in a folder, or null when it is absent, cut short or another segment's. */
  async #readDescriptor(folder: string): Promise<LocalCopy | null> {
    try {
      const text = new TextDecoder().decode(await this.#disk.read(`${folder}/descriptor.json`));
      // Written by #keep; a damaged one fails here or does not lead back to its own folder.
      const json = JSON.parse(text) as Omit<LocalCopy, 'segmentKey'> | SegmentDescriptor;
      const { descriptor, byteLength } =
        'descriptor' in json ? json : { descriptor: json, byteLength: json.bytes };
      const segmentKey = formatSegmentId(descriptor.id);
      return folderOf(segmentKey) === folder ? { segmentKey, descriptor, byteLength } : null;
    } catch (error) {
      // A disk that fails now says nothing about the copy: it must not be thrown away for that.
      if (error instanceof StoreError) throw error;
      return null;
    }
  }

  async #hasFile({ segmentKey, byteLength }: LocalCopy): Promise<boolean> {
    return (await this.#disk.size(this.pathOf(segmentKey))) === byteLength;
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
