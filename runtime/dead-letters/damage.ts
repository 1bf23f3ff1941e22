import { jsonDamage } from '../../schemas/json-damage.js'
import { rawValue } from '../../schemas/json-text.js'
import { objectOf, parseObject } from '../../schemas/json-value.js'
import { utf8Damage } from '../../schemas/utf8-damage.js'

/** Where a letter's bytes are damaged: `byte` counts from 0; null = it is no place but something that is absent or wrong as a whole. */
export interface Damage {
  readonly byte: number | null
  readonly says: string
}

/** What can be told of the refusal from the bytes; null = the reason says all there is. */
export function damageOf(code: string, reason: string, bytes: Buffer): Damage | null {
  if (code === 'invalid_utf8') {
    const byte = utf8Damage(bytes)
    return byte === null ? null : { byte, says: `the bytes ${hex(bytes.subarray(byte, byte + 4))} are not UTF-8` }
  }
  if (code === 'invalid_json') return jsonDamageOf(bytes.toString('utf8'))
  if (code === 'cut_off' || code === 'too_large') return { byte: bytes.length, says: 'what came after this is not kept' }
  return valueDamage(reason, bytes.toString('utf8'))
}

function jsonDamageOf(text: string): Damage {
  const damage = jsonDamage(text)
  if (damage !== null) {
    const found = damage.at >= text.length ? 'the text ends' : `there is ${JSON.stringify(text[damage.at])}`
    return { byte: Buffer.byteLength(text.slice(0, damage.at)), says: `${found}, expected ${damage.expected}` }
  }
  return { byte: null, says: parseObject(text) === undefined ? 'it is JSON, but no object that can be read' : 'it is a JSON object' }
}

/** Reasons name a container and the last step of a key: `context.extensions page_id is null`. */
function valueDamage(reason: string, text: string): Damage | null {
  const [, where, step] = /^((?:statement|actor|verb|object|context|result)[\w.]*) (\w+).* (?:is|are) /.exec(reason) ?? []
  const root = parseObject(text)
  if (where === undefined || root === undefined) return null
  const path = where === 'statement' ? [] : where.split('.')
  const container = path.reduce<unknown>((at, key) => objectOf(at)[key], root)
  if (typeof container !== 'object' || container === null) return { byte: null, says: `there is no ${where}` }
  const key = Object.keys(container).find(each => each === step || each.endsWith(`/${step}`))
  if (key === undefined) return { byte: null, says: `${where} has ${Object.keys(container).map(shortKey).join(', ') || 'nothing'}` }
  return { byte: null, says: `it is ${rawValue(text, [...path, key]) ?? 'not there'}` }
}

const shortKey = (key: string) => key.slice(key.lastIndexOf('/') + 1)
const hex = (bytes: Buffer) => bytes.toString('hex').replace(/../g, '$& ').trim()
