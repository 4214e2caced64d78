import Long from 'long'
import protobuf from 'protobufjs/minimal.js'
import type { ScalarKind } from './message-schema.js'

type ScalarOutcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly allowed: string }

const wholeNumbers = {
  uint32: [0, 0xffff_ffff],
  fixed32: [0, 0xffff_ffff],
  sint32: [-0x8000_0000, 0x7fff_ffff],
  sfixed32: [-0x8000_0000, 0x7fff_ffff],
} as const

const uint64Max = 0xffff_ffff_ffff_ffffn
const numberText = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const base64Text = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/

/** Reads one scalar of proto3 JSON. `allowed` fits after "must be". */
export function readScalar(kind: ScalarKind, json: unknown): ScalarOutcome {
  switch (kind) {
    case 'string':
      return typeof json === 'string' ? value(json) : refuse('text')
    case 'bool':
      return typeof json === 'boolean' ? value(json) : refuse('true or false')
    case 'bytes':
      return readBytes(json)
    case 'uint64':
      return readUint64(json)
    case 'double':
      return readDouble(json)
    default:
      return readWhole(json, wholeNumbers[kind])
  }
}

function readWhole(json: unknown, [min, max]: readonly [number, number]): ScalarOutcome {
  const number = readNumber(json)
  // Adding zero turns -0 into 0: whole numbers have one zero.
  return Number.isInteger(number) && number >= min && number <= max ? value(number + 0) : refuse(`a whole number from ${min} to ${max}`)
}

function readDouble(json: unknown): ScalarOutcome {
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return value(Number(json))
  const number = readNumber(json)
  return Number.isFinite(number) ? value(number) : refuse('a number')
}

/** NaN if it is neither a number nor the text of one. */
function readNumber(json: unknown): number {
  if (typeof json === 'number') return json
  return typeof json === 'string' && numberText.test(json) ? Number(json) : Number.NaN
}

function readUint64(json: unknown): ScalarOutcome {
  const text = Number.isSafeInteger(json) ? String(json) : json
  if (typeof text === 'string' && /^[0-9]{1,20}$/.test(text) && BigInt(text) <= uint64Max) return value(Long.fromString(text, true))
  return refuse(`a whole number from 0 to ${uint64Max}, as text`)
}

function readBytes(json: unknown): ScalarOutcome {
  if (typeof json !== 'string' || !base64Text.test(json)) return refuse('base64')
  const text = json.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  const bytes = new Uint8Array(protobuf.util.base64.length(padded))
  protobuf.util.base64.decode(padded, bytes, 0)
  return value(bytes)
}

function value(read: unknown): ScalarOutcome {
  return { ok: true, value: read }
}

function refuse(allowed: string): ScalarOutcome {
  return { ok: false, allowed }
}
