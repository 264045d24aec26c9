/** What every `DeepStorage` must do; a test calls it with a factory of empty storages. */
import type { DeepStorage } from '@isotherm/deep-storage';
import { describe, expect, it } from 'vitest';

/** Declares the suite. */
export function deepStorageSuite(name: string, open: () => Promise<DeepStorage>): void {
  const key = 'wiki/default/2015-09-12/1_0.arrow';
  const bytes = Uint8Array.of(1, 2, 3, 4);

  describe(`${name} as deep storage`, () => {
    it('gives back what was put, whole or a range of it', async () => {
      const storage = await open();
      await storage.put(key, bytes);
      expect(await storage.get(key)).toEqual(bytes);
      expect(await storage.getRange(key, 1, 3)).toEqual(Uint8Array.of(2, 3));
      expect(await storage.getRange(key, 4, 4)).toEqual(new Uint8Array());
    });

    it('takes the same bytes again as a success, also at the same time', async () => {
      const storage = await open();
      await Promise.all([
        storage.put(key, bytes),
        storage.put(key, bytes),
        storage.put(key, bytes),
      ]);
      await storage.put(key, bytes);
      expect(await storage.list('')).toEqual([key]);
    });

    it.each([
      ['of another length', Uint8Array.of(1), 1],
      ['of the same length', Uint8Array.of(1, 2, 3, 5), 4],
    ])('refuses other bytes %s and keeps the first', async (_name, other, length) => {
      const storage = await open();
      await storage.put(key, bytes);
      await expect(storage.put(key, other)).rejects.toMatchObject({
        kind: 'ConflictError',
        code: 'OBJECT_EXISTS',
        message: `Object "${key}" holds other bytes already (4 there, ${length} given). Objects never change; write under another key.`,
      });
      expect(await storage.get(key)).toEqual(bytes);
    });

    it('lets one of two racing writers win', async () => {
      const storage = await open();
      const outcomes = await Promise.allSettled([
        storage.put(key, Uint8Array.of(1)),
        storage.put(key, Uint8Array.of(2)),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
      expect(await storage.get(key)).toEqual(Uint8Array.of(1));
    });

    it('names an absent object', async () => {
      const storage = await open();
      const absent = {
        kind: 'NotFoundError',
        code: 'OBJECT_NOT_FOUND',
        message: `Object "${key}" is not in deep storage. Was it deleted, or does this node read another folder?`,
      };
      await expect(storage.get(key)).rejects.toMatchObject(absent);
      await expect(storage.getRange(key, 0, 1)).rejects.toMatchObject(absent);
    });

    it('refuses a range beyond the end', async () => {
      const storage = await open();
      await storage.put(key, bytes);
      await expect(storage.getRange(key, 2, 5)).rejects.toMatchObject({ kind: 'StoreError' });
    });

    it('lists keys below a prefix, sorted', async () => {
      const storage = await open();
      for (const path of ['b/2', 'b/1/x', 'a', 'bc/1']) await storage.put(path, bytes);
      expect(await storage.list('')).toEqual(['a', 'b/1/x', 'b/2', 'bc/1']);
      expect(await storage.list('b/')).toEqual(['b/1/x', 'b/2']);
      expect(await storage.list('none/')).toEqual([]);
      await expect(storage.list('b')).rejects.toMatchObject({ code: 'BAD_OBJECT_KEY' });
    });

    it('deletes an object; an absent one is no error', async () => {
      const storage = await open();
      await storage.put(key, bytes);
      await storage.delete(key);
      await storage.delete(key);
      expect(await storage.list('')).toEqual([]);
      await storage.put(key, Uint8Array.of(7));
      expect(await storage.get(key)).toEqual(Uint8Array.of(7));
    });

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/./b', 'a b', 'ä', 'a:b'])(
      'refuses the key %j',
      async (bad) => {
        const storage = await open();
        const refusal = { code: 'BAD_OBJECT_KEY' };
        await expect((async () => storage.put(bad, bytes))()).rejects.toMatchObject(refusal);
        await expect((async () => storage.get(bad))()).rejects.toMatchObject(refusal);
        await expect((async () => storage.delete(bad))()).rejects.toMatchObject(refusal);
      },
    );
  });
}
