import sax from 'sax'
import { TrafficError } from '../traffic-error.js'
import type { TraceCounts } from './trace-counts.js'
import type { TraceParser } from './trace-format.js'

/**
 * Elements open at a time and attributes of one element: traces have up to 8 and 20. More is no trace, and would have to be held;
 * texts, names and values are limited by sax itself (64 KiB).
 */
const depthMax = 16
const attributesMax = 256

export interface XmlEvents {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void
  readonly close?: (name: string) => void
  /** Text within an element, and comments; may come in pieces. */
  readonly text?: (text: string) => void
  readonly comment?: (text: string) => void
  /** All was read, or all up to where it broke. */
  readonly end?: () => void
}

export interface GuardedXml extends TraceParser {
  /** From 1. */
  lineNow(): number
}

/** XML as events. What follows broken XML cannot be trusted: it is counted once, with its line, and the rest is not read. */
export function createGuardedXml(counts: TraceCounts, events: XmlEvents): GuardedXml {
  const parser = sax.parser(true, { position: true })
  let isBroken = false
  let depth = 0
  let attributes = 0

  // Thrown from here an error leaves through `push`; sax would otherwise go on to the next thing it can make sense of.
  parser.onerror = error => {
    throw error
  }
  parser.oncomment = text => events.comment?.(text)
  parser.ontext = text => events.text?.(text)
  parser.onattribute = () => {
    if (++attributes > attributesMax) throw new Error(`more than ${attributesMax} attributes`)
  }
  parser.onopentag = ({ name, attributes: byName }) => {
    attributes = 0
    if (++depth > depthMax) throw new Error(`more than ${depthMax} elements open`)
    events.open(name, byName as Record<string, string>)
  }
  parser.onclosetag = name => {
    depth--
    events.close?.(name)
  }

  /** sax counts lines from 0. */
  const lineNow = (): number => parser.line + 1

  function guarded(act: () => void) {
    if (isBroken) return
    try {
      act()
    } catch (error) {
      if (error instanceof TrafficError) throw error
      isBroken = true
      counts.row()
      counts.rejectRow('malformed_line', lineNow(), `broken XML, rest not read: ${firstLine(error)}`)
    }
  }

  return {
    lineNow,
    push: text =>
      guarded(() => {
        parser.write(text)
      }),
    end() {
      guarded(() => {
        parser.close()
      })
      events.end?.()
    },
  }
}

/** sax writes line, column and character on lines of their own. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
}
