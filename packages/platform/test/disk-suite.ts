/** What every `Disk` must do; a test calls it with a factory of empty disks. */
import { describe, expect, it } from 'vitest';
import type { Disk } from '../src/index.ts';

/** Declares the suite. `open` gives a disk without files. */
export function diskSuite(name: string, open: () => Promise<Disk>): void {
  describe(`${name} as a disk`, () => {
    it('reads back what was written, whole or a range of it', async () => {
      const disk = await open();
      await disk.writeAtomic('a/b/file.bin', bytes(1, 2, 3, 4));
      expect(await disk.read('a/b/file.bin')).toEqual(bytes(1, 2, 3, 4));
      expect(await disk.read('a/b/file.bin', { start: 1, end: 3 })).toEqual(bytes(2, 3));
      expect(await disk.read('a/b/file.bin', { start: 4, end: 4 })).toEqual(bytes());
      expect(await disk.size('a/b/file.bin')).toBe(4);
    });

    it('replaces a file as a whole', async () => {
      const disk = await open();
      await disk.writeAtomic('file', bytes(1, 2, 3));
      await disk.writeAtomic('file', bytes(9));
      expect(await disk.read('file')).toEqual(bytes(9));
    });

    it('keeps its own copy of the bytes', async () => {
      const disk = await open();
      const mine = bytes(1);
      await disk.writeAtomic('file', mine);
      mine[0] = 2;
      const read = await disk.read('file');
      read[0] = 3;
      expect(await disk.read('file')).toEqual(bytes(1));
    });

    it('says that a file is absent', async () => {
      const disk = await open();
      expect(await disk.size('none')).toBeNull();
      await expect(disk.read('none')).rejects.toMatchObject({
        kind: 'NotFoundError',
        message: 'File "none" does not exist.',
      });
    });

    it('refuses a range that leaves the file', async () => {
      const disk = await open();
      await disk.writeAtomic('file', bytes(1, 2));
      for (const [start, end] of [
        [0, 3],
        [-1, 1],
        [2, 1],
        [0.5, 1],
      ] as const) {
        await expect(disk.read('file', { start, end })).rejects.toMatchObject({
          code: 'SHORT_FILE',
          message: `File "file" has 2 bytes; bytes ${start} to ${end} were asked for.`,
        });
      }
    });

    it('reads parts to where they stay, and refuses what an absent or short file lacks', async () => {
      const disk = await open();
      await disk.writeAtomic('file', bytes(1, 2, 3, 4, 5));
      const room = new Uint8Array(new SharedArrayBuffer(6));
      await disk.readInto('file', [
        { start: 3, target: room.subarray(0, 2) },
        { start: 0, target: room.subarray(3, 5) },
        { start: 5, target: room.subarray(5, 5) },
      ]);
      expect([...room]).toEqual([4, 5, 0, 1, 2, 0]);
      await expect(
        disk.readInto('file', [{ start: 4, target: room.subarray(0, 2) }]),
      ).rejects.toMatchObject({
        code: 'SHORT_FILE',
        message: 'File "file" has 5 bytes; bytes 4 to 6 were asked for.',
      });
      await expect(disk.readInto('none', [{ start: 0, target: room }])).rejects.toMatchObject({
        kind: 'NotFoundError',
      });
    });

    it('lists files below a folder, sorted, and nothing below an absent one', async () => {
      const disk = await open();
      for (const path of ['b/2', 'b/1/x', 'a', 'bc']) await disk.writeAtomic(path, bytes(0));
      expect(await disk.list('')).toEqual(['a', 'b/1/x', 'b/2', 'bc']);
      expect(await disk.list('b')).toEqual(['b/1/x', 'b/2']);
      expect(await disk.list('b/')).toEqual(['b/1/x', 'b/2']);
      expect(await disk.list('none')).toEqual([]);
    });

    it('removes a file or a folder; an absent one is no error', async () => {
      const disk = await open();
      for (const path of ['b/1', 'b/2', 'bc']) await disk.writeAtomic(path, bytes(0));
      await disk.remove('b/1');
      expect(await disk.list('')).toEqual(['b/2', 'bc']);
      await disk.remove('b');
      await disk.remove('b');
      expect(await disk.list('')).toEqual(['bc']);
    });

    it('does not write below a file', async () => {
      const disk = await open();
      await disk.writeAtomic('file', bytes(1));
      await expect(disk.writeAtomic('file/below', bytes(2))).rejects.toMatchObject({
        kind: 'StoreError',
      });
    });

    it.each([
      '../up',
      'a/../../up',
      '/etc/passwd',
      'a//b',
      './a',
      'a\\b',
      'nul\0byte',
      '',
      '.tmp/x',
    ])('refuses the path %j in every call', async (path) => {
      const disk = await open();
      const refusal = { code: 'BAD_PATH' };
      await expect(disk.read(path)).rejects.toMatchObject(refusal);
      await expect(disk.size(path)).rejects.toMatchObject(refusal);
      await expect(disk.writeAtomic(path, bytes(1))).rejects.toMatchObject(refusal);
      await expect(disk.remove(path)).rejects.toMatchObject(refusal);
    });
  });
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}
