import { expect, test } from 'vitest'
import { describeLosses, type Losses } from './losses.js'

const before: Losses = { unreadable: 2, deadLetters: 3, givenUp: 4 }

test.each([
  [before, []],
  [{ ...before, unreadable: 3 }, [/^1 records of the event log were damaged/]],
  [{ ...before, deadLetters: 5, givenUp: 5 }, [/^2 records could not be applied/, /^1 records were lost at a node/]],
  [undefined, [/did not say/]],
])('what was lost since then is said: %j', (after, sentences) => {
  expect(describeLosses(before, after)).toEqual(sentences.map(sentence => expect.stringMatching(sentence)))
})
