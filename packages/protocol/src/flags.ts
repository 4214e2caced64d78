import { outrider } from '../gen/outrider.js'

const { Flag } = outrider.v1

/** Flags by the name that traces, configuration and people use, with their numbers on the wire. */
export const flags = {
  hazard_lights: Flag.FLAG_HAZARD_LIGHTS,
  hard_brake: Flag.FLAG_HARD_BRAKE,
  abs: Flag.FLAG_ABS,
  esc: Flag.FLAG_ESC,
  tcs: Flag.FLAG_TCS,
  aeb: Flag.FLAG_AEB,
  fcw: Flag.FLAG_FCW,
  airbag: Flag.FLAG_AIRBAG,
  ecall_auto: Flag.FLAG_ECALL_AUTO,
  ecall_manual: Flag.FLAG_ECALL_MANUAL,
  breakdown: Flag.FLAG_BREAKDOWN,
  fog_front: Flag.FLAG_FOG_FRONT,
  fog_rear: Flag.FLAG_FOG_REAR,
  light_bar: Flag.FLAG_LIGHT_BAR,
  siren: Flag.FLAG_SIREN,
  reverse: Flag.FLAG_REVERSE,
  doors_open: Flag.FLAG_DOORS_OPEN,
  parking_brake: Flag.FLAG_PARKING_BRAKE,
  ignition_off: Flag.FLAG_IGNITION_OFF,
} as const

export type FlagName = keyof typeof flags

/** Number of the last flag we know. Masks have 32 bits; a flag with a larger number is ignored, as an unknown field is. */
export const lastFlag = Flag.FLAG_IGNITION_OFF

/** The bit of a flag in a mask: its number less one. */
export function flagBit(name: FlagName): number {
  return 1 << (flags[name] - 1)
}

/**
 * Flags that say that something is happening, and make a report urgent when they come on. The others are states of the vehicle,
 * which can last for hours (fog lights, light bar, doors) and would make all telemetry urgent.
 */
export const eventFlags: readonly FlagName[] = [
  'hazard_lights',
  'hard_brake',
  'abs',
  'esc',
  'tcs',
  'aeb',
  'fcw',
  'airbag',
  'ecall_auto',
  'ecall_manual',
  'breakdown',
]

export const eventFlagMask: number = eventFlags.reduce((mask, name) => mask | flagBit(name), 0)
