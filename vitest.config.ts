import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Generous, because two busy cores are the reference machine; a test that hangs still ends.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', './test/closing-line.ts'],
    // One process a file: tests start workers, servers and whole nodes, and must not share them.
    pool: 'forks',
  },
});
