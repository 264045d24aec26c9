import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryDisk, nodeDisk } from '../src/index.ts';
import { diskSuite } from './disk-suite.ts';

const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'isotherm-disk-'));

diskSuite('a folder', async () => nodeDisk(join(await freshFolder(), 'made-by-the-first-write')));
diskSuite('memory', async () => memoryDisk());

describe('a folder of the file system', () => {
  it('follows no symbolic link out of its root', async () => {
    const outside = await freshFolder();
    await writeFile(join(outside, 'secret'), 'x');
    const root = await freshFolder();
    await symlink(outside, join(root, 'link'));
    await symlink(join(outside, 'secret'), join(root, 'leaf'));
    const disk = nodeDisk(root);
    const refusal = { code: 'BAD_PATH', message: expect.stringContaining('symbolic link') };
    for (const path of ['link/secret', 'leaf']) {
      await expect(disk.read(path)).rejects.toMatchObject(refusal);
    }
    await expect(disk.writeAtomic('link/new/file', new Uint8Array(1))).rejects.toMatchObject(
      refusal,
    );
    await expect(disk.list('link')).rejects.toMatchObject(refusal);
  });

  it('is reached through a root that is itself a link', async () => {
    const root = await freshFolder();
    await mkdir(join(root, 'real'));
    await symlink(join(root, 'real'), join(root, 'alias'));
    const disk = nodeDisk(join(root, 'alias'));
    await disk.writeAtomic('a/b', Uint8Array.of(5));
    expect(await disk.read('a/b')).toEqual(Uint8Array.of(5));
  });

  it('leaves no temporary file behind and lists none', async () => {
    const root = await freshFolder();
    const disk = nodeDisk(root);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => disk.writeAtomic('same', Uint8Array.of(index))),
    );
    await mkdir(join(root, 'folder'));
    await expect(disk.writeAtomic('folder', new Uint8Array(1))).rejects.toMatchObject({
      kind: 'StoreError',
      message: expect.stringContaining('File "folder" cannot be used: a folder has its name.'),
    });
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
    expect(await disk.list('')).toEqual(['same']);
  });

  it('locates a file for those who must open it themselves', async () => {
    const root = await freshFolder();
    expect(nodeDisk(root).locate('a/b.db')).toBe(join(root, 'a', 'b.db'));
    expect(nodeDisk(root).locate('')).toBe(root);
    expect(() => nodeDisk(root).locate('../x')).toThrow('is not allowed on a disk');
  });
});

describe('a memory disk', () => {
  it('cannot be located', () => {
    expect(() => memoryDisk().locate('metadata.db')).toThrow(
      'File "metadata.db" lies on a memory disk, which other programs cannot open. Use a real folder.',
    );
  });
});
