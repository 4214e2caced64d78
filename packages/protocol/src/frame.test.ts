import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { alertTailBytesMax, appendAlertJsonTail, appendAlertTail, encodeSharedAlert, encodeSharedAlertJson } from './alert-push.js'
import { decodeFrame, encodeFrame } from './frame-codec.js'
import { decodeJsonFrame, encodeJsonFrame } from './frame-json.js'
import type { FrameContent, FrameName } from './frame-types.js'
import { frameBytesMax, frameMessages, frameTypes, jsonBytesFactor } from './frame-types.js'
import { messageSchema } from './message-schema.js'

const { Priority } = outrider.v1
const alertId = { node: 'hh-01', boot: 0xffff_ffff, sequence: 3 }
const alert = { id: alertId, revision: 1, cause: { code: 94, subCause: 2 }, eventPosition: { latitudeE7: 535_500_000, longitudeE7: 0 } }

const examples: { readonly [Name in FrameName]: FrameContent<Name> } = {
  hello: { sdkStart: 0, features: ['held'], held: [{ alertId, revision: 2 }], role: 1 },
  welcome: { session: 's', zone: 'hamburg', node: 'hh-01', serverTimeMs: 1.7e12, intervalMs: 1_000, limits: { samplesPerReport: 10 } },
  telemetry: { number: 1, timeMs: 1.7e12, samples: [{ speedCmps: 0 }] },
  urgent: { number: 2, timeMs: 1.7e12, samples: [{ flags: [2, 8] }] },
  reportAck: { through: 9, except: [{ first: 3, last: 4, reason: 1 }], ahead: [{ first: 11, last: 11 }] },
  alert: { alert, remainingMs: 0, priority: 3 },
  end: { alertId, scope: 1, reason: 2 },
  deliveryAck: { entries: [{ alertId, revision: 1, stage: 2, timeMs: 1.7e12 }] },
  time: { askedTimeMs: 1.7e12 },
  interval: { intervalMs: 200 },
  drain: { reconnect: { allowed: true, url: 'wss://a', afterMs: 100 }, closesInMs: 500 },
  error: { code: 4200, field: 'samples[0].latitudeE7', message: 'out of range', reportNumber: 0 },
}
const names = Object.keys(frameTypes) as FrameName[]

/** Content in the shape both codecs can be compared in. */
function canonical(type: FrameName, message: unknown): unknown {
  return JSON.parse(encodeJsonFrame(type, message as never))
}

describe('frame types', () => {
  test('are the Frame oneof, no more and no less', () => {
    const fields = messageSchema('Frame').fields.map(field => [field.name, field.number, outrider.v1[field.typeName as 'Hello']])
    expect(names.map(name => [name, frameTypes[name].number, frameMessages[name]])).toEqual(fields)
  })

  test.each(names)('%s: binary and JSON give back what was sent', type => {
    const binary = decodeFrame(encodeFrame(type, examples[type] as never))
    const json = decodeJsonFrame(encodeJsonFrame(type, examples[type] as never), 'edge')
    expect(binary).toMatchObject({ kind: 'frame', type })
    expect(json).toMatchObject({ kind: 'frame', type, ignored: 0 })
    const messages = [binary, json].map(outcome => outcome.kind === 'frame' && canonical(type, outcome.message))
    expect(messages).toEqual([canonical(type, examples[type]), canonical(type, examples[type])])
  })

  test.each(names)('%s: cut anywhere it is read or refused, never thrown', type => {
    const frame = encodeFrame(type, examples[type] as never)
    const kinds = Array.from(frame, (_, end) => decodeFrame(frame.subarray(0, end)).kind)
    expect(kinds[0]).toBe('empty')
    expect(kinds.slice(1).filter(kind => kind !== 'frame' && kind !== 'malformed')).toEqual([])
    expect(kinds.slice(2)).toContain('malformed')
  })

  test('random bytes are read or refused, never thrown', () => {
    const kinds = ['frame', 'unknown', 'empty', 'malformed', 'tooLarge']
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => kinds.includes(decodeFrame(bytes).kind)),
      { numRuns: 5_000, seed: 7 },
    )
    fc.assert(
      fc.property(fc.json(), text => ['unknown', 'malformed', 'frame'].includes(decodeJsonFrame(text, 'vehicle').kind)),
      { seed: 7 },
    )
  })
})

test('no frame holds a field of raw bytes, which would point into a buffer that the socket takes back', () => {
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const field of messageSchema(name).fields) {
      expect(field.kind, `${name}.${field.name}`).not.toBe('bytes')
      if (field.kind === 'message') visit(field.typeName)
    }
  }
  visit('Frame')
  expect(seen.size).toBeGreaterThan(20)
})

describe('what is not read', () => {
  test('a frame type of a newer peer is told apart, with its number', () => {
    expect(decodeFrame(Uint8Array.of(99, 1, 2))).toEqual({ kind: 'unknown', number: 99 })
    expect(decodeFrame(Uint8Array.of(255))).toEqual({ kind: 'unknown', number: 255 })
    expect(decodeJsonFrame('{"dance":{}}', 'vehicle')).toEqual({ kind: 'unknown' })
  })

  test.each(names)('%s over its limit', type => {
    const { number, bytesMax } = frameTypes[type]
    const bytes = new Uint8Array(bytesMax + 2)
    bytes[0] = number
    expect(decodeFrame(bytes)).toEqual({ kind: 'tooLarge', type, bytes: bytesMax + 1, bytesMax })
    const text = `{"${type}":{}${' '.repeat(bytesMax * jsonBytesFactor)}}`
    expect(decodeJsonFrame(text, 'edge').kind).toBe('tooLarge')
  })

  test('a text longer than any frame of its sender is refused before it is parsed', () => {
    const lengthMax = frameBytesMax.vehicle * jsonBytesFactor
    expect(decodeJsonFrame('['.repeat(lengthMax + 1), 'vehicle')).toEqual({ kind: 'tooLarge', length: lengthMax + 1, lengthMax })
  })

  test('nothing over the limit is sent', () => {
    const message = 'x'.repeat(frameTypes.error.bytesMax * jsonBytesFactor)
    const refused = expect.objectContaining({ name: 'ProtocolError', code: 'frame_too_large', retriable: false })
    expect(() => encodeFrame('error', { message })).toThrow(refused)
    expect(() => encodeJsonFrame('error', { message })).toThrow(refused)
    expect(() => encodeSharedAlert({ texts: [{ text: 'x'.repeat(frameTypes.alert.bytesMax) }] })).toThrow(refused)
  })

  test.each([
    ['{"telemetry":{"samples":[{"latitudeE7":"north"}]}}', 'telemetry.samples[0].latitudeE7'],
    ['{"telemetry":{},"urgent":{}}', 'urgent'],
    ['{"telemetry":', ''],
    ['7', ''],
  ])('%s names the field', (text, field) => {
    expect(decodeJsonFrame(text, 'vehicle')).toMatchObject({ kind: 'malformed', problem: { field } })
  })
})

describe('the tail of an alert', () => {
  const ms = fc.oneof(fc.constantFrom(0, 127, 128, 86_399_999, 86_400_000), fc.nat(86_400_000))
  const tails = fc.record({ remainingMs: ms, priority: fc.integer({ min: 1, max: 3 }), timeToHazardMs: fc.option(ms, { nil: undefined }) })

  test('takes at most 12 bytes and reads back the same, in both subprotocols', () => {
    const shared = encodeSharedAlert(alert)
    const sharedJson = encodeSharedAlertJson(alert)
    let longest = 0
    const check = (tail: { remainingMs: number; priority: number; timeToHazardMs: number | undefined }) => {
      const end = appendAlertTail(shared, tail)
      longest = Math.max(longest, end - shared.prefixBytes)
      const content = { alert, ...tail, timeToHazardMs: tail.timeToHazardMs ?? null }
      const binary = decodeFrame(shared.bytes.subarray(0, end))
      expect(binary.kind === 'frame' && canonical('alert', binary.message)).toEqual(canonical('alert', content))
      expect(JSON.parse(appendAlertJsonTail(sharedJson, tail))).toEqual(canonical('alert', content))
    }
    fc.assert(fc.property(tails, check), { numRuns: 2_000, seed: 8 })
    expect(longest).toBe(alertTailBytesMax)
    expect(alertTailBytesMax).toBe(12)
  })

  test('never says more than the validity left', () => {
    const shared = encodeSharedAlert(alert)
    const read = (remainingMs: number, timeToHazardMs: number) => {
      const end = appendAlertTail(shared, { remainingMs, priority: Priority.PRIORITY_WARNING, timeToHazardMs })
      const outcome = decodeFrame(shared.bytes.subarray(0, end))
      return outcome.kind === 'frame' && outcome.type === 'alert' && [outcome.message.remainingMs, outcome.message.timeToHazardMs]
    }
    expect(read(1.9, 2.9)).toEqual([1, 2])
    expect(read(-5, Number.POSITIVE_INFINITY)).toEqual([0, 86_400_000])
  })
})
