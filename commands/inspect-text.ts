import { contentJson, type ShownRecord } from '../runtime/inspect/shown-record.js'
import type { Units } from '../runtime/registry/writer-schemas.js'
import { bytes } from './terminal/format.js'
import { prettyJson } from './terminal/pretty-json.js'
import { inOneLine, printable } from './terminal/printable.js'
import { pairs } from './terminal/table.js'

const mostLines = 60
const mostHex = 64

/** A record as a block: where it is, its key and headers, its value set out. */
export function recordBlock(record: ShownRecord): string {
  const { topic, partition, offset, timestamp, key, headers, valueBytes, content } = record
  const kind = content.as === 'avro' ? `Avro, schema ${content.schema}` : content.as === 'ids' ? 'ids' : content.as
  return [
    `${topic}/${partition} @ ${offset}   ${new Date(timestamp).toISOString()}   ${bytes(valueBytes)} ${kind}`,
    pairs([
      ['key', key === null ? null : inOneLine(key, 200)],
      ...Object.entries(headers).map(([name, value]) => [inOneLine(name, 40), inOneLine(value, 300)] as const),
    ]),
    valueText(record),
    '',
  ].join('\n')
}

function valueText({ content }: ShownRecord): string {
  switch (content.as) {
    case 'nothing':
      return '(no value)'
    case 'ids':
      return `next xapi offset ${content.position}, ${content.ids} event ids`
    case 'bytes':
      return `${content.problem === null ? '' : `${content.problem}\n`}${bytesText(content.bytes)}`
    case 'text':
      return cutLines(printable(content.text))
    case 'avro':
      return [cutLines(printable(prettyJson(contentJson(content)))), ...unitLines(content.units)].join('\n')
    default:
      return cutLines(printable(prettyJson(contentJson(content))))
  }
}

/** What one of a number is, where it is not what people expect: `score, outOf in millionths of a point`. */
export function unitLines(units: Units): string[] {
  const fieldsOf = (unit: string) => Object.keys(units).filter(field => units[field] === unit)
  return [...new Set(Object.values(units))].map(unit => `${fieldsOf(unit).join(', ')} in ${inOneLine(unit, 100)}`)
}

/** Bytes that are text but for some damage are shown as text. */
function bytesText(value: Buffer): string {
  const sample = value.subarray(0, 1000)
  const plain = sample.reduce((sum, byte) => sum + (byte >= 0x20 && byte < 0x7f ? 1 : 0), 0)
  return plain > sample.length * 0.8 ? cutLines(printable(value.toString('utf8'))) : hex(value)
}

function hex(value: Buffer): string {
  const shown = value.subarray(0, mostHex).toString('hex').replace(/../g, '$& ').trim()
  return value.length > mostHex ? `${shown} … (${bytes(value.length)}; --json has all)` : shown
}

/** One line may be as long as a whole statement. */
function cutLines(text: string): string {
  const lines = text.split('\n')
  const shown = lines.slice(0, mostLines).map(line => inOneLine(line, 1000))
  return [...shown, ...(lines.length > mostLines ? [`… ${lines.length - mostLines} more lines (--json has all)`] : [])].join('\n')
}

/** A record in one line, for grep and cut: place, append time, key, value. */
export function recordLine(record: ShownRecord): string {
  const { partition, offset, timestamp, key, content } = record
  const place = [`${partition}/${offset}`, new Date(timestamp).toISOString(), key ?? '-']
  return [...place.map(cell => inOneLine(cell, 500)), printable(contentJson(content)).replaceAll('\n', '·')].join('\t')
}
