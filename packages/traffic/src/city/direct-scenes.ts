import type { TruthRow } from '../truth-row.js'
import type { Random } from './random.js'
import type { SceneRun, SceneTruth, Stage } from './scene.js'
import { type SceneName, sceneNames, scenes } from './scenes.js'
import type { Vehicle } from './vehicle.js'
import { ticksPerS, type World } from './world.js'

export interface DirectorOptions {
  /** Mean time between hazards and between decoys; 0 = none by itself. */
  readonly hazardEveryS: number
  readonly decoyEveryS: number
  /** Scenes at a time; while there are as many, none begins by itself. */
  readonly scenesMax: number
}

/** Begins scenes now and then, leads them, and knows what is true. */
export interface Director {
  /** Once a tick, before driving. */
  step(): void
  /** Begins a scene now; its id, which is its truth's if it is a hazard, or undefined if there is no fit place for it at the moment. */
  stage(name: SceneName): string | undefined
  truth(): TruthRow[]
}

interface Staged {
  readonly id: string
  readonly isHazard: boolean
  readonly run: SceneRun
  readonly cast: readonly Vehicle[]
}

/** Truth kept: two days at a hazard every 20 s, a few MB. Beyond, the oldest that is over is forgotten. */
const truthMax = 10_000

const firstHazardS = 3

export function createDirector(stage: Stage, options: DirectorOptions): Director {
  const { world, random } = stage
  let playing: Staged[] = []
  /** By id, in the order they began; undefined while a scene is no hazard yet. */
  const truths = new Map<string, SceneTruth | undefined>()
  let begun = 0
  const hazards = createTimer(world, random, options.hazardEveryS, firstHazardS)
  const decoys = createTimer(world, random, options.decoyEveryS, 2 * firstHazardS)
  const hazardNames = createDeck(
    sceneNames.filter(name => scenes[name].isHazard),
    random,
  )
  const decoyNames = createDeck(
    sceneNames.filter(name => !scenes[name].isHazard),
    random,
  )

  function begin(name: SceneName): string | undefined {
    const free = world.vehicles.filter(({ scene }) => scene === undefined)
    const run = scenes[name].begin(stage)
    if (run === undefined) return undefined
    const cast = free.filter(vehicle => isDirected(vehicle))
    for (const vehicle of cast) vehicle.scene = name
    const { isHazard } = scenes[name]
    const id = `${isHazard ? 'h' : 'd'}${++begun}`
    playing.push({ id, isHazard, run, cast })
    if (isHazard) truths.set(id, run.truth())
    if (truths.size > truthMax) truths.delete(oldestOver())
    return id
  }

  function oldestOver(): string {
    const lasting = new Set(playing.map(({ id }) => id))
    return [...truths.keys()].find(id => !lasting.has(id)) ?? ''
  }

  function step() {
    playing = playing.filter(({ id, isHazard, run, cast }) => {
      const goesOn = run.step()
      if (isHazard) truths.set(id, run.truth())
      if (!goesOn) for (const vehicle of cast) vehicle.scene = undefined
      return goesOn
    })
    if (playing.length >= options.scenesMax) return
    if (hazards.isDue()) hazardNames.deal(begin)
    if (decoys.isDue()) decoyNames.deal(begin)
  }

  return {
    step,
    stage: begin,
    truth: () =>
      [...truths].flatMap(([id, truth]) => (truth === undefined ? [] : [{ ...truth, id }])).map((row, index) => ({ index, ...row })),
  }
}

/** A vehicle that a scene has just taken: something holds it that holds nobody in ordinary traffic. */
function isDirected({ capMps, forcedAccelMps2 }: Vehicle): boolean {
  return capMps !== Number.POSITIVE_INFINITY || forcedAccelMps2 !== Number.POSITIVE_INFINITY
}

function createTimer(world: World, random: Random, everyS: number, firstS: number) {
  let nextTick = everyS === 0 ? Number.POSITIVE_INFINITY : firstS * ticksPerS
  return {
    isDue: () => {
      if (world.tick < nextTick) return false
      nextTick = world.tick + Math.round(everyS * random.between(0.5, 1.5) * ticksPerS)
      return true
    },
  }
}

/** Deals names in shuffled rounds, so that every kind comes up; one without a place now is passed over. */
function createDeck(names: readonly SceneName[], random: Random) {
  let deck: SceneName[] = []
  return {
    deal: (begin: (name: SceneName) => string | undefined) => {
      if (deck.length === 0) deck = [...names]
      for (let tries = deck.length; tries > 0; tries--) {
        const [name] = deck.splice(random.whole(0, deck.length - 1), 1)
        if (begin(name!) !== undefined) return
        deck.push(name!)
      }
    },
  }
}
