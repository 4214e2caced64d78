import { causes } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { Language, TextSource } from './alert-text.js'
import { languages, phrasebooks, spokenAlert, writtenAlert } from './alert-text.js'
import { roundDistance } from './phrasebook.js'

const source = (more: Partial<TextSource> = {}): TextSource => ({
  causeCode: 94,
  subCause: 0,
  distanceM: 412,
  advice: 'none',
  advisedSpeedMps: undefined,
  isImminent: false,
  isExercise: false,
  operatorTexts: [],
  ...more,
})

/** Causes and sub-causes in use, from the protocol's table and the shared list of sub-causes. */
const subCauses: Readonly<Record<number, readonly number[]>> = {
  1: [2, 3, 4, 5, 7, 9],
  2: [1, 2, 3, 4, 5, 7, 8],
  6: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12],
  9: [1],
  10: [1, 2, 3, 4, 5],
  11: [1, 2, 3, 4],
  12: [1, 2, 4, 6, 7],
  14: [2],
  17: [1, 3, 4, 5, 6],
  18: [1, 2, 3, 4, 5, 6],
  19: [1, 2, 3],
  26: [1, 3, 5, 6],
  27: [1, 2, 3, 4],
  91: [1, 2, 3, 6, 9, 10],
  92: [1, 2, 3],
  94: [2, 3, 4, 6],
  95: [1, 2],
  97: [1, 2, 3, 4],
  99: [1, 2, 3, 4, 5],
}

describe.each(languages)('%s', language => {
  test.each(Object.entries(causes).map(([name, { code }]) => [name, code] as const))('has every phrase of %s', (_name, code) => {
    const phrases = phrasebooks[language].causes[code]
    expect(Object.keys(phrases ?? {}).map(Number)).toEqual([0, ...(subCauses[code] ?? [])])
    for (const phrase of Object.values(phrases ?? {})) expect(phrase).toMatch(/^\p{Lu}[^.!:]*\p{L}$/u)
  })

  test('has no phrase of another language', () => {
    const own = Object.values(phrasebooks[language].causes).flatMap(phrases => Object.values(phrases))
    for (const other of languages.filter(name => name !== language)) {
      const foreign = new Set(Object.values(phrasebooks[other].causes).flatMap(phrases => Object.values(phrases)))
      // Words that the languages share.
      const shared = ['Tornado', 'Accident', 'Blizzard', 'Convoi']
      expect(own.filter(phrase => foreign.has(phrase) && !shared.includes(phrase))).toEqual([])
    }
  })
})

test.each<[Language, string, string]>([
  ['en', 'Stationary vehicle in 400 m', 'Stationary vehicle in 400 metres.'],
  ['de', 'Stehendes Fahrzeug in 400 m', 'Stehendes Fahrzeug in 400 Metern.'],
  ['fi', 'Pysähtynyt ajoneuvo 400 m päässä', 'Pysähtynyt ajoneuvo 400 metrin päässä.'],
  ['fr', 'Véhicule à l’arrêt à 400 m', 'Véhicule à l’arrêt à 400 mètres.'],
])('%s in metres', (language, written, spoken) => {
  expect([writtenAlert(source(), language), spokenAlert(source(), language)]).toEqual([written, spoken])
})

test.each<[Language, number, string, string]>([
  ['en', 1_020, 'Fog in 1 km', 'Fog in 1 kilometre.'],
  ['en', 1_600, 'Fog in 1.5 km', 'Fog in 1.5 kilometres.'],
  ['de', 1_020, 'Nebel in 1 km', 'Nebel in einem Kilometer.'],
  ['de', 1_600, 'Nebel in 1,5 km', 'Nebel in 1,5 Kilometern.'],
  ['fi', 1_020, 'Sumua 1 km päässä', 'Sumua 1 kilometrin päässä.'],
  ['fi', 1_600, 'Sumua 1,5 km päässä', 'Sumua 1,5 kilometrin päässä.'],
  ['fr', 1_600, 'Brouillard à 1,5 km', 'Brouillard à 1,5 kilomètre.'],
  ['fr', 6_700, 'Brouillard à 7 km', 'Brouillard à 7 kilomètres.'],
])('%s in kilometres: %i m', (language, distanceM, written, spoken) => {
  const fog = source({ causeCode: 18, subCause: 1, distanceM })
  expect([writtenAlert(fog, language), spokenAlert(fog, language)]).toEqual([written, spoken])
})

test.each<[Language, string, string]>([
  ['en', 'End of queue. Slow down to 60 km/h.', 'Attention! End of queue. Slow down to 60 kilometres per hour.'],
  ['de', 'Stauende. Auf 60 km/h verlangsamen.', 'Achtung! Stauende. Auf 60 Stundenkilometer verlangsamen.'],
  ['fi', 'Jonon häntä. Hidasta, suositus 60 km/h.', 'Huomio! Jonon häntä. Hidasta. Suositusnopeus on 60 kilometriä tunnissa.'],
  ['fr', 'Fin de bouchon. Ralentissez à 60 km/h.', 'Attention\u00a0! Fin de bouchon. Ralentissez à 60 kilomètres à l’heure.'],
])('%s with advice, imminent and without a distance', (language, written, spoken) => {
  const queue = source({ causeCode: 27, distanceM: undefined, advice: 'slow', advisedSpeedMps: 16.67, isImminent: true })
  expect([writtenAlert(queue, language), spokenAlert(queue, language)]).toEqual([written, spoken])
})

test('what approaches has no distance', () => {
  expect(writtenAlert(source({ causeCode: 95 }), 'en')).toBe('Emergency vehicle approaching')
})

test('an unknown sub-cause is its cause, an unknown cause a hazard', () => {
  expect(writtenAlert(source({ subCause: 200 }), 'en')).toBe('Stationary vehicle in 400 m')
  expect(languages.map(language => writtenAlert(source({ causeCode: 250, distanceM: 5 }), language))).toEqual([
    'Hazard',
    'Gefahr',
    'Vaara',
    'Danger',
  ])
})

test('an operator’s text comes first in its language, and is never given for another', () => {
  const operatorTexts = [
    { language: 'de-AT', text: 'Tunnel gesperrt' },
    { language: 'de', text: 'Tunnel zu' },
    { language: 'sv', text: 'Tunneln är stängd' },
  ]
  const text = (language: string) => writtenAlert(source({ operatorTexts }), language)
  expect(text('de')).toBe('Tunnel zu')
  expect(text('de-at')).toBe('Tunnel gesperrt')
  expect(text('de-CH')).toBe('Tunnel gesperrt')
  expect(text('sv-SE')).toBe('Tunneln är stängd')
  expect(text('fi')).toBe('Pysähtynyt ajoneuvo 400 m päässä')
  expect(text('it')).toBe('Stationary vehicle in 400 m')
})

test('an exercise says so in every language', () => {
  expect(languages.map(language => writtenAlert(source({ isExercise: true, distanceM: undefined }), language))).toEqual([
    'Exercise: Stationary vehicle',
    'Übung: Stehendes Fahrzeug',
    'Harjoitus: Pysähtynyt ajoneuvo',
    'Exercice\u00a0: Véhicule à l’arrêt',
  ])
})

test('every advice of the wire has words in every language', () => {
  const advice = ['slow', 'stop', 'keep_lane', 'change_left', 'change_right', 'do_not_overtake', 'give_way', 'detour']
  for (const language of languages) {
    const texts = advice.map(name => writtenAlert(source({ advice: name, distanceM: undefined }), language))
    expect(new Set(texts).size).toBe(advice.length)
    for (const text of texts) expect(text).toMatch(/^\p{Lu}.*\. \p{Lu}.*\.$/u)
  }
})

test('distances grow with the distance, and are never off by more than a fifth', () => {
  let last = 0
  for (let distanceM = 0; distanceM < 20_000; distanceM += distanceM < 1_200 ? 1 : 49) {
    const rounded = roundDistance(distanceM)
    expect(rounded === undefined).toBe(distanceM < 25)
    if (rounded === undefined) continue
    const saidM = rounded.unit === 'm' ? rounded.value : rounded.value * 1_000
    expect(saidM).toBeGreaterThanOrEqual(last)
    expect(Math.abs(saidM - distanceM) / distanceM).toBeLessThanOrEqual(0.2)
    last = saidM
  }
})
