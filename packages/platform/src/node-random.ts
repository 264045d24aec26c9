/** The real source of chance. */
import { randomUUID } from 'node:crypto';
import type { Random } from './platform.ts';

/** Makes the real source; its ids are unguessable. */
export function nodeRandom(): Random {
  return {
    next: () => Math.random(),
    id: () => randomUUID().replaceAll('-', ''),
  };
}
