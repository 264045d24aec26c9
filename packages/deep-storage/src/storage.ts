/** Where segment files are kept for good. Keys are paths of `[A-Za-z0-9._@=-]` parts divided by `/`. */
export interface DeepStorage {
  /**
   * Stores bytes under a key, whole or not at all. Putting the same bytes again is a success.
   * @throws ConflictError code OBJECT_EXISTS if other bytes are there
   */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** @throws NotFoundError if there is no such key, StoreError if the storage fails */
  get(key: string): Promise<Uint8Array>;
  /** Reads `[start, end)`. @throws NotFoundError, StoreError if the object is shorter */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  /** Keys below a prefix that ends in `/` (or is empty), in code-unit order. */
  list(prefix: string): Promise<string[]>;
  /** Deleting an absent key is a success. */
  delete(key: string): Promise<void>;
}
