// @ts-check
// The closing line of CI: "N passed, N failed", counted from the test runner's own report. A file that failed before its tests ran counts as
// one failure, and so does a run that ended badly without a failed test (an error nobody handled).
// node scripts/count-tests.mjs REPORT EXIT_CODE_OF_THE_RUN
import { readFileSync } from 'node:fs'

/** @typedef {{status: string, assertionResults: {status: string}[]}} TestFile */

const [file = '', exitCode = '1'] = process.argv.slice(2)
try {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  /** @type {TestFile[]} */
  const files = report.testResults
  const brokenFiles = files.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every(one => one.status !== 'failed'),
  )
  const failedTests = report.numFailedTests + brokenFiles.length
  const failed = failedTests === 0 && exitCode !== '0' ? 1 : failedTests
  const skipped = report.numPendingTests + report.numTodoTests
  process.stdout.write(`${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  process.exitCode = failed > 0 || report.numPassedTests === 0 ? 1 : 0
} catch (error) {
  process.stderr.write(`count-tests: no report of the test runner at ${JSON.stringify(file)}: ${error}\n`)
  process.stdout.write('0 passed, 1 failed\n')
  process.exitCode = 1
}
