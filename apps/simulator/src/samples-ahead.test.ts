import type { TrafficSample } from '@outrider/traffic'
import { expect, it } from 'vitest'
import { aheadS, createSamplesAhead } from './samples-ahead.js'

const sampleAt = (timeS: number, vehicleId = 'v1'): TrafficSample => ({ timeS, vehicleId, enrolment: vehicleId, lat: 1, lon: 2 })

async function* recording(samples: readonly TrafficSample[]) {
  yield* samples
}

it('reads ten seconds ahead of its clock, knows who has more to come, and when all is over', async () => {
  let clockS: number | undefined
  let read = 0
  const samples = Array.from({ length: 60 }, (_, second) => sampleAt(second, second < 5 ? 'gone' : 'v1'))
  const ahead = createSamplesAhead({
    samples: recording(samples),
    clockS: () => clockS,
    judge: ({ timeS }) => (timeS >= 50 ? 'end' : timeS === 7 ? 'skip' : 'take'),
    onRead: () => read++,
  })
  const reading = ahead.read()
  await ahead.filled()
  expect(read).toBe(aheadS + 1)
  expect(ahead.holds('gone')).toBe(true)
  clockS = 4
  const taken: number[] = []
  const takeAll = () => {
    for (let next = ahead.take(clockS!); next !== undefined; next = ahead.take(clockS!)) taken.push(next.timeS)
  }
  takeAll()
  expect(taken).toEqual([0, 1, 2, 3, 4])
  expect(ahead.holds('gone')).toBe(false)
  clockS = 100
  await reading
  expect(ahead.isAtEnd).toBe(false)
  takeAll()
  expect(taken).toEqual([...samples.keys()].filter(second => second < 50 && second !== 7))
  expect(ahead.isAtEnd).toBe(true)
})

it('tells what the recording throws, and then is at its end', async () => {
  const ahead = createSamplesAhead({
    // biome-ignore lint/correctness/useYield: it throws before the first one
    samples: (async function* () {
      throw new Error('broken')
    })(),
    clockS: () => undefined,
    judge: () => 'take',
    onRead: () => undefined,
  })
  await expect(ahead.read()).rejects.toThrow('broken')
  await ahead.filled()
  expect(ahead.isAtEnd).toBe(true)
})
