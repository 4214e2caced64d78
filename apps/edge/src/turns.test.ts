import { overloadLevels } from '@outrider/zone'
import { expect, it } from 'vitest'
import { overloadOf } from './turns.js'

it('the overload level follows the load and the lateness, whichever is worse', () => {
  const table = [
    [0, 0, 'none'],
    [0.79, 99, 'none'],
    [0.8, 0, 'longerIntervals'],
    [0, 100, 'longerIntervals'],
    [1, 0, 'farTelemetry'],
    [0.5, 200, 'farTelemetry'],
    [1.5, 0, 'allTelemetry'],
    [0, 500, 'allTelemetry'],
    [2, 0, 'overRateSessions'],
    [0, 5_000, 'overRateSessions'],
  ] as const
  for (const [load, lateMs, level] of table) expect(overloadOf(load, lateMs)).toBe(overloadLevels[level])
})
