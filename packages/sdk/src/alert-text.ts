// An alert in words: an operator's own if there are any in the language, else phrase, rounded distance and advice from the tables.
// Directions are left out: the vehicle knows how far the hazard is, not around how many bends.
import type { outrider as wire } from '@outrider/protocol'
import type { Form, Phrasebook } from './phrasebook.js'
import { roundDistance } from './phrasebook.js'
import { german } from './phrases-de.js'
import { english } from './phrases-en.js'
import { finnish } from './phrases-fi.js'
import { french } from './phrases-fr.js'

/** Languages with tables. */
export type Language = 'en' | 'de' | 'fi' | 'fr'

export const phrasebooks: Readonly<Record<Language, Phrasebook>> = { en: english, de: german, fi: finnish, fr: french }
export const languages = Object.keys(phrasebooks) as readonly Language[]

/** Causes that come to the vehicle, or are where it is: a distance would be wrong before it is read. */
const causesWithoutDistance: readonly number[] = [28, 95, 97]

/** What the text is made of. */
export interface TextSource {
  readonly causeCode: number
  readonly subCause: number
  /** In m; undefined = unknown. */
  readonly distanceM: number | undefined
  readonly advice: string
  readonly advisedSpeedMps: number | undefined
  readonly isImminent: boolean
  readonly isExercise: boolean
  readonly operatorTexts: readonly wire.v1.OperatorText.$Properties[]
}

/** For a display; `language` is a BCP 47 tag. */
export function writtenAlert(source: TextSource, language: string): string {
  const book = phrasebookOf(language)
  return exercisePrefix(source, book) + (operatorText(source, language) ?? compose(source, book, 'written'))
}

/** To be read aloud. */
export function spokenAlert(source: TextSource, language: string): string {
  const book = phrasebookOf(language)
  const attention = source.isImminent ? book.attention : ''
  return exercisePrefix(source, book) + attention + (operatorText(source, language) ?? compose(source, book, 'spoken'))
}

function compose(source: TextSource, book: Phrasebook, form: Form): string {
  const phrase = causePhrase(source, book)
  const distance =
    source.distanceM === undefined || causesWithoutDistance.includes(source.causeCode) ? undefined : roundDistance(source.distanceM)
  const what = distance === undefined ? phrase : book.at(phrase, distance, form)
  const advice = advicePhrase(source, book, form)
  if (advice !== undefined) return `${what}. ${advice}`
  return form === 'spoken' ? `${what}.` : what
}

function causePhrase({ causeCode, subCause }: TextSource, book: Phrasebook): string {
  const phrases = book.causes[causeCode]
  return phrases?.[subCause] ?? phrases?.[0] ?? book.unknownCause
}

function advicePhrase({ advice, advisedSpeedMps }: TextSource, book: Phrasebook, form: Form): string | undefined {
  if (advice === 'slow' && advisedSpeedMps !== undefined) return book.slowTo(Math.round(advisedSpeedMps * 3.6), form)
  return (book.advice as Readonly<Record<string, string>>)[advice]
}

function exercisePrefix({ isExercise }: TextSource, book: Phrasebook): string {
  return isExercise ? book.exercise : ''
}

/** The operator's text in exactly this tag, else in any of the same language. */
function operatorText({ operatorTexts }: TextSource, language: string): string | undefined {
  const tag = language.toLowerCase()
  const same = operatorTexts.find(text => (text.language ?? '').toLowerCase() === tag)
  const found = same ?? operatorTexts.find(text => primarySubtag(text.language ?? '') === primarySubtag(tag))
  return found?.text || undefined
}

function phrasebookOf(language: string): Phrasebook {
  return phrasebooks[primarySubtag(language) as Language] ?? phrasebooks.en
}

function primarySubtag(tag: string): string {
  return tag.toLowerCase().split('-')[0]!
}
