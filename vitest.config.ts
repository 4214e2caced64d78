import { defineConfig } from 'vitest/config'

/** No test asserts a time, so a timeout only has to end what hangs: generous, for machines that are busy or slow. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'packages', include: ['packages/*/src/**/*.test.ts'], ...patience } },
      { test: { name: 'apps', include: ['apps/*/src/**/*.test.ts'], ...patience } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kafka/**', 'test/browser/**', 'test/central/**'],
          ...patience,
        },
      },
      // Apart, so that a browser is looked for, or installed, only when one of its files is to run.
      {
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], globalSetup: 'test/browser/global-setup.ts', ...patience },
      },
      // Apart, so that its PostgreSQL is started only when one of its files is to run.
      { test: { name: 'central', include: ['test/central/**/*.test.ts'], globalSetup: 'test/central/global-setup.ts', ...patience } },
      // Apart, so that its broker is started only when one of its files is to run.
      { test: { name: 'kafka', include: ['test/kafka/**/*.test.ts'], globalSetup: 'test/kafka/global-setup.ts', ...patience } },
    ],
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
  },
})
