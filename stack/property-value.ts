/** A value for a Java `.properties` file, which is read as Latin-1 with escapes. */
export function propertyValue(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replace(/^[ \t]/, blank => `\\${blank}`)
  return escaped.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
