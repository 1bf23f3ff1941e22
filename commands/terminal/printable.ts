/** Control characters of strangers do not reach the terminal. Line ends stay where a text of several lines is shown. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '·')
}

/** The same in one line, cut to a width. */
export function inOneLine(text: string, width: number): string {
  const line = printable(text).replaceAll('\n', '·')
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}
