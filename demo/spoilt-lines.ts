import type { RefusalCode } from '../schemas/refusal.js'
import { activityTypes, extensions } from '../schemas/vocabulary.js'

export interface Spoilt {
  readonly code: RefusalCode
  readonly line: Buffer
}

const text = (code: RefusalCode, damage: (line: string) => string) => ({ code, damage: (line: string) => Buffer.from(damage(line)) })
/** Bytes of another encoding in the middle of a text. */
const bytes = (damage: readonly number[]) => ({
  code: 'invalid_utf8' as const,
  damage: (line: string) => {
    const at = line.indexOf('"objectType"') + 3
    return Buffer.concat([Buffer.from(line.slice(0, at)), Buffer.from(damage), Buffer.from(line.slice(at))])
  },
})

/** What happens to lines on their way. Each takes a part attempt, which has every key that can be missing. */
const damages = [
  text('invalid_json', line => line.slice(0, Math.floor(line.length * 0.6))),
  text('missing_key', line => line.replace(/"[^"]*page_attempt_guid":"[^"]*",/, '')),
  bytes([0xe9, 0x74, 0xe9]),
  text('bad_value', line => line.replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday, about noon"')),
  text('invalid_json', line => line.replace('"actor":{', '"actor":{{')),
  text('missing_key', line => line.replace(/,"name":\d+/, '')),
  text('bad_value', line => line.replace(/"raw":[\d.]+/, '"raw":"full marks"')),
  text('invalid_json', () => '<html><head><title>502 Bad Gateway</title></head></html>'),
  bytes([0xf0, 0x9f, 0xa7]),
  text('missing_key', line => line.replace(`"${extensions.section}":`, `"${extensions.section}":null,"was":`)),
]

/** The n-th of the ten ways in which a line is spoilt; then they come again. `line` must be a part attempt. */
export function spoil(line: string, n: number): Spoilt {
  if (!line.includes(activityTypes.partAttempt)) throw new TypeError('spoiling a line: it is no part attempt')
  const { code, damage } = damages[n % damages.length]!
  return { code, line: damage(line) }
}
