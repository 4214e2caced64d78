import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { sceneNames } from './city/scenes.js'
import { traceReasons } from './trace/trace-counts.js'
import { TrafficError, trafficErrorCodes } from './traffic-error.js'

const document = readFileSync(path.resolve(import.meta.dirname, '../../../docs/traffic.md'), 'utf8')

/** First cells of the table under a heading. */
function listed(heading: string): string[] {
  const section = document.split(new RegExp(`^#+ ${heading}$`, 'm'))[1]!.split(/^#/m)[0]!
  return [...section.matchAll(/^\| `([^|]*)`/gm)].map(row => row[1]!)
}

test('docs/traffic.md lists the codes, the reasons and the scenes', () => {
  expect(listed('Errors')).toEqual(Object.keys(trafficErrorCodes))
  expect(listed('What is rejected')).toEqual(Object.keys(traceReasons))
  const scenes = listed('Scenes')
    .flatMap(cell => cell.split('`, `'))
    .map(name => name.replace('…_', 'emergency_braking_'))
  expect(scenes).toEqual(sceneNames)
})

test('an error says whether trying again helps, and keeps its cause', () => {
  const cause = new Error('disk gone')
  expect(new TrafficError('source_failed', 'text', cause)).toMatchObject({
    code: 'source_failed',
    retriable: true,
    cause,
    name: 'TrafficError',
  })
  expect(new TrafficError('format_unknown', 'text')).toMatchObject({ retriable: false })
})
