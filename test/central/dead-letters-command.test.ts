// `outrider dead-letters` and `outrider central rebuild`, real commands beside a real central.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { outrider as command } from '../event-log/outrider-command.js'
import { type CentralPlace, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { placed, reportBody } from './records.js'

let place: CentralPlace
const startMs = Date.now() - 60_000

beforeEach(async () => {
  place = await createCentralPlace()
})

afterEach(() => place.remove())

const deadLetters = (...args: string[]) => command(['dead-letters', ...args, '--data', place.eventLogFolder])

test('listed, shown, replayed; what was applied meanwhile is dropped', async () => {
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  const broken = {
    topic: 'outrider.reports',
    record: { key: 'north-1', value: Buffer.from('ffff00ff', 'hex'), timeMs: startMs, headers: { h3: '8a' } },
  }
  // Of another tenant to the first central, of its own to the second one.
  const foreign = placed({ node: 'north-1', lane: 1, epoch: 7, sequence: 1 }, reportBody('v', 1, 1, startMs, true), startMs)
  await appendAll(writer, [broken, foreign])
  await writer.stop()

  const central = await place.start({ OUTRIDER_AUTHORITY: 'elsewhere' })
  await until(central.stats, ({ deadLetters: letters, eventLog }) => letters === 2 && eventLog.lag === 0)
  expect((await central.stats()).records.applied).toBe(0)
  await central.stop()

  const listed = await deadLetters('list')
  expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^id +written +reason +from +bytes +attempts\n/) })
  const letters = JSON.parse((await deadLetters('list', '--json')).stdout) as { id: string; reason: string; from: string; bytes: number }[]
  expect(letters.map(({ reason, bytes }) => [reason, bytes])).toEqual([
    ['undecodable', 4],
    ['foreign_authority', expect.any(Number)],
  ])
  expect(letters[0]!.from).toMatch(/^outrider\.reports\/region-1@[0-9a-f]+@1$/)

  const shown = await deadLetters('show', letters[1]!.id)
  expect(shown.stdout).toContain('reason    foreign_authority')
  expect(shown.stdout).toContain('record    node north-1, lane urgent, epoch 7, sequence 1')
  expect(shown.stdout).toContain('"vehicle": "v"')
  const undecodable = await deadLetters('show', letters[0]!.id)
  expect(undecodable.stdout).toContain('The bytes are no message Record.')
  expect(undecodable.stdout).toContain('000000  ff ff 00 ff')
  expect(JSON.parse((await deadLetters('show', letters[0]!.id, '--json')).stdout)).toMatchObject({
    reason: 'undecodable',
    value: Buffer.from('ffff00ff', 'hex').toString('base64'),
    decoded: null,
    origin: { topic: 'outrider.reports', key: 'north-1', timeMs: startMs, headers: { h3: Buffer.from('8a').toString('base64') } },
  })

  const dry = await deadLetters('replay', '--all', '--dry-run')
  expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('2 would be replayed, 0 not') })
  expect(await deadLetters('replay', letters[1]!.id)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('1 replayed, 0 not') })
  // Replayed and not failed since: only who names it replays it again.
  expect(await deadLetters('replay', '--reason', 'foreign_authority')).toMatchObject({ exitCode: 0, stdout: '0 replayed, 0 not\n' })
  expect(await deadLetters('replay', letters[1]!.id)).toMatchObject({ exitCode: 0 })

  const again = await place.start()
  const stats = await until(again.stats, ({ eventLog, records }) => eventLog.lag === 0 && records.applied > 0 && records.repeatsDropped > 0)
  expect(stats).toMatchObject({
    reports: { identities: 1, applications: 1, duplicates: 0 },
    records: { applied: 1, repeatsDropped: 1 },
    deadLetters: 2,
  })
  await again.stop()

  // Rebuilt under the right tenant: the first copy is applied now, and both replays are repeats.
  const environment = { OUTRIDER_CENTRAL_DATA: `${place.folder}/data`, OUTRIDER_EVENT_LOG: place.eventLogFolder }
  const rebuilt = await command(['central', 'rebuild'], environment)
  expect(rebuilt, rebuilt.stderr).toMatchObject({ exitCode: 0 })
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ rebuilt: { records: 1, deadLetters: 1, left: 0 } })
})

test('a record that fails at every replay is one letter, with its attempts; one that was applied is left out', async () => {
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  const broken = {
    topic: 'outrider.reports',
    record: { key: 'north-1', value: Buffer.from('ffff00ff', 'hex'), timeMs: startMs, headers: {} },
  }
  const foreign = placed({ node: 'north-1', lane: 1, epoch: 7, sequence: 1 }, reportBody('v', 1, 1, startMs, true), startMs)
  await appendAll(writer, [broken, foreign])
  await writer.stop()
  const listed = async (...args: string[]) =>
    JSON.parse((await deadLetters('list', '--json', ...args)).stdout) as {
      id: string
      reason: string
      attempts: number
      replayed: boolean
    }[]
  const elsewhere = { OUTRIDER_AUTHORITY: 'elsewhere' }
  const passes = async (environment: Readonly<Record<string, string>>) => {
    const central = await place.start(environment)
    const stats = await until(central.stats, ({ deadLetters: letters, eventLog }) => letters > 0 && eventLog.lag === 0)
    expect(stats.deadLetters).toBe(2)
    await central.stop()
  }

  await passes(elsewhere)
  const first = await listed()
  expect(first.map(({ attempts }) => attempts)).toEqual([1, 1])
  for (const attempts of [2, 3]) {
    expect(await deadLetters('replay', '--all')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('2 replayed, 0 not') })
    expect(await listed()).toEqual([]) // nobody has failed at them yet
    await passes(elsewhere)
    expect((await listed()).map(letter => [letter.id, letter.attempts])).toEqual(first.map(({ id }) => [id, attempts]))
  }

  // The other one is of its own tenant now, and is applied.
  expect(await deadLetters('replay', '--all')).toMatchObject({ exitCode: 0 })
  await passes({})
  expect(await listed()).toMatchObject([{ id: first[0]!.id, reason: 'undecodable', attempts: 4, replayed: false }])
  expect(await listed('--replayed')).toMatchObject([{ attempts: 4 }, { id: first[1]!.id, attempts: 3, replayed: true }])
})

test('wrong use: what is wrong, and exit code 2', async () => {
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  await writer.append({
    topic: 'outrider.dead-letters',
    records: [
      {
        key: 'uplink',
        value: Buffer.from('00', 'hex'),
        timeMs: startMs,
        headers: { reason: 'no_key', node: 'n', lane: '1', epoch: '2', sequence: '3' },
      },
    ],
  })
  await writer.stop()
  const [letter] = JSON.parse((await deadLetters('list', '--json')).stdout) as { id: string; from: string }[]
  expect(letter!.from).toBe('n/1/2@3')
  expect(await deadLetters('show', 'nonsense')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('partition:offset') })
  expect(await deadLetters('show', 'region-1@0:99')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no dead letter') })
  expect(await deadLetters('replay')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--all') })
  expect(await deadLetters('replay', letter!.id)).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('--to') })
  expect(await deadLetters('replay', letter!.id, '--to', 'nowhere')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--to') })
  expect(await deadLetters('replay', letter!.id, '--to', 'outrider.reports')).toMatchObject({ exitCode: 0 })
  expect(await deadLetters('list', '--limit', '0')).toMatchObject({ exitCode: 2 })
  expect(await place.run(['--rebuilt'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--rebuild') })
  expect(await place.run([], { DATABASE_URL: 'mysql://secret@x' })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/DATABASE_URL is \(secret\)/),
  })
})

test('a rebuild from an event log that is none empties nothing', async () => {
  expect(await place.run(['--rebuild'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/event log/) })
})

test('a rebuild beside a running central with the embedded store is refused by name', async () => {
  const central = await place.start()
  await until(central.stats, ({ eventLog }) => eventLog.lag === 0)
  expect(await place.run(['--rebuild'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/process \d+ has the store/) })
})
