/** Longest line read, in UTF-16 units. The widest row of our columns is under 1 KB; what is longer is damage, and is skipped unread. */
export const lineCharsMax = 65_536

export interface TextLines {
  push(text: string): void
  end(): void
}

/**
 * Cuts text that comes in pieces into lines (LF or CRLF), without ever holding more than one line of `lineCharsMax`.
 * `onLine` gets a line without its end and its number from 1; `onTooLong` a number.
 */
export function createTextLines(onLine: (text: string, line: number) => void, onTooLong: (line: number) => void): TextLines {
  let pending = ''
  let skipping = false
  let line = 0

  function finish(text: string) {
    line++
    if (skipping || text.length > lineCharsMax) onTooLong(line)
    else onLine(text.endsWith('\r') ? text.slice(0, -1) : text, line)
    skipping = false
  }

  return {
    push: text => {
      let start = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        finish(pending + text.slice(start, end))
        pending = ''
        start = end + 1
      }
      if (skipping) return
      pending += text.slice(start)
      if (pending.length <= lineCharsMax) return
      skipping = true
      pending = ''
    },
    end: () => {
      if (pending !== '' || skipping) finish(pending)
      pending = ''
    },
  }
}
