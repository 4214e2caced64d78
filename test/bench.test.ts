import { expect, test } from 'vitest'
import { expectResult, scenarioNames } from './bench-result.js'

/** Needs a broker: tested among the tests that have one. */
const kafkaScenario = 'event-log-kafka'
const names = scenarioNames()

test('the help lists the scenarios', () => {
  expect(names).toEqual(expect.arrayContaining(['ingest', 'spool', 'event-log-embedded']))
  expect(names).toContain(kafkaScenario)
})

test.each(names.filter(name => name !== kafkaScenario))('bench %s', name => expectResult(name))
