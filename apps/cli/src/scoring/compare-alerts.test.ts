import { expect, test } from 'vitest'
import { compareAlerts } from './compare-alerts.js'
import { alert, at } from './hand-made.fixture.js'

test('a run compared with itself is the same, whatever its alerts are called', () => {
  const alerts = [alert(), alert({ issuedAtS: 130, ...at(500) })]
  const renamed = alerts.map((each, index) => ({ ...each, id: `other/${index}` }))
  expect(compareAlerts(alerts, renamed)).toEqual({ same: 2, onlyHere: [], onlyThere: [], changed: [] })
})

test('what is told earlier, as another cause of the family or not at all', () => {
  const here = [alert({ issuedAtS: 105 }), alert({ cause: 99, ...at(900) })]
  const there = [alert({ issuedAtS: 190, cause: 91 }), alert({ ...at(300) })]
  const { same, onlyHere, onlyThere, changed } = compareAlerts(here, there)
  expect(same).toBe(0)
  expect(onlyHere).toEqual([here[1]])
  expect(onlyThere).toEqual([there[1]])
  expect(changed).toEqual([{ here: here[0], there: there[0], fields: ['cause', 'issuedAtS'] }])
})

test('each alert is paired once, with the nearest', () => {
  const { same, onlyThere } = compareAlerts([alert()], [alert({ issuedAtS: 121 }), alert()])
  expect([same, onlyThere.length]).toEqual([1, 1])
})
