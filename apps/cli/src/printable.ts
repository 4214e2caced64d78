/** What a terminal would obey instead of showing: control characters (Cc), separators of lines, bidirectional controls. */
const notShown = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu

/** Foreign text for one line of a terminal: what would move the cursor or forge a line stands there as \u{1b}. */
export function printable(text: string): string {
  return text.replace(notShown, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
