import { emergencyBrakingFlagged, emergencyBrakingSilent, ordinaryBraking } from './braking-scenes.js'
import { animalReported, obstacleReported, slipperyPatch } from './road-scenes.js'
import type { Scene } from './scene.js'
import { crash, parkedCar, stalledSignalling, stalledSilent } from './standing-scenes.js'

/** Every scene by name. A new one is a row here. */
export const scenes = {
  stalled_signalling: stalledSignalling,
  stalled_silent: stalledSilent,
  crash,
  emergency_braking_flagged: emergencyBrakingFlagged,
  emergency_braking_silent: emergencyBrakingSilent,
  obstacle_reported: obstacleReported,
  animal_reported: animalReported,
  slippery_patch: slipperyPatch,
  parked_car: parkedCar,
  ordinary_braking: ordinaryBraking,
} as const satisfies Record<string, Scene>

export type SceneName = keyof typeof scenes

export const sceneNames = Object.keys(scenes) as SceneName[]
