import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localStorage } from '@isotherm/deep-storage';
import { memoryDisk, nodeDisk } from '@isotherm/platform';
import { deepStorageSuite } from './deep-storage-suite.ts';

deepStorageSuite('a folder', async () =>
  localStorage(nodeDisk(await mkdtemp(join(tmpdir(), 'isotherm-deep-storage-')))),
);
deepStorageSuite('a memory disk', async () => localStorage(memoryDisk()));
