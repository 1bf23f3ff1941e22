/**
 * RFC 4180 quoting: only where needed. A bare CR is quoted too: the old job left it (pandas on Python 3.11), and then parsers took it for
 * the end of the row.
 */
export function quote(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === quotes || unit === comma || unit === lineFeed || unit === carriageReturn) return `"${text.replaceAll('"', '""')}"`
  }
  return text
}

const quotes = 0x22
const comma = 0x2c
const lineFeed = 0x0a
const carriageReturn = 0x0d
