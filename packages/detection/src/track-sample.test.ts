import { describe, expect, it } from 'vitest'
import { createScene } from './test-scene.js'

describe('a track whose vehicle says neither speed nor heading', () => {
  it.each([100, 200, 500, 1_000, 5_000])('has both from its way, at a sample every %d ms', stepMs => {
    const scene = createScene()
    for (let atMs = 0; atMs <= 10_000; atMs += stepMs) {
      const way = (13.9 * atMs) / 1_000 / Math.SQRT2
      scene.drive(0, { atMs, eastM: way, northM: way })
    }
    expect(scene.tracks.speedMps[0]).toBeGreaterThan(13.5)
    expect(scene.tracks.speedMps[0]).toBeLessThan(14.3)
    expect(scene.tracks.courseDeg[0]).toBeGreaterThan(44)
    expect(scene.tracks.courseDeg[0]).toBeLessThan(46)
  })
  it('stands when its positions do', () => {
    const scene = createScene()
    for (let atMs = 0; atMs <= 3_000; atMs += 100) scene.drive(0, { atMs, eastM: 0, northM: Math.min(20, atMs / 50) })
    expect(scene.tracks.speedMps[0]).toBe(0)
    expect(scene.tracks.courseDeg[0]).toBe(0)
    expect(scene.tracks.standingSinceMs[0]).not.toBeNaN()
  })
  it('has none after a gap of more than 10 s', () => {
    const scene = createScene()
    scene.drive(0, { atMs: 0, eastM: 0, northM: 0 })
    scene.drive(0, { atMs: 11_000, eastM: 0, northM: 100 })
    expect(scene.tracks.speedMps[0]).toBeNaN()
    expect(scene.tracks.courseDeg[0]).toBeNaN()
  })
})
