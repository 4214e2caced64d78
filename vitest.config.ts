import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'packages', include: ['packages/*/src/**/*.test.ts'] } },
      { test: { name: 'apps', include: ['apps/*/src/**/*.test.ts'] } },
      { test: { name: 'system', include: ['test/**/*.test.ts'], exclude: ['test/kafka/**'], testTimeout: 120_000, hookTimeout: 120_000 } },
      // Apart, so that its broker is started only when one of its files is to run.
      {
        test: {
          name: 'kafka',
          include: ['test/kafka/**/*.test.ts'],
          globalSetup: 'test/kafka/global-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
})
