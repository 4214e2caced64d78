import { InvalidArgumentError, Option } from 'commander'
import { durationOption } from '../duration-option.js'
import { wholeIn } from '../whole-number.js'

/** Flags that issue, update and end have in common. */

export function validityOption(fallback: string): Option {
  return durationOption('--validity <duration>', `how long it holds from now on (${fallback})`, { min: '1s', max: '24h' })
}

export function requestIdOption(): Option {
  return new Option('--request-id <id>', 'your own name of this request, 1 to 64 bytes: a retry with it is not done twice').argParser(
    text => {
      const bytes = Buffer.byteLength(text)
      if (bytes >= 1 && bytes <= 64) return text
      throw new InvalidArgumentError(`It has ${bytes} bytes; it must have 1 to 64.`)
    },
  )
}

export function expectedRevisionOption(fallback: string): Option {
  return new Option('--expected-revision <number>', `refused if the alert has another by then (${fallback})`).argParser(
    wholeIn(1, 0xffff_ffff),
  )
}
