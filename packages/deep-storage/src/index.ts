export type { DeepStorage } from './storage.ts';
export { localStorage } from './local-storage.ts';
export { checkObjectKey } from './object-key.ts';
