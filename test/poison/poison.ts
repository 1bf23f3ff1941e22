import type { Kind } from '../../schemas/event.js'
import type { RefusalCode } from '../../schemas/refusal.js'
import { edited, spelt } from '../driver/edited.js'
import { expectedIds, statements } from '../processors/route/statements.js'

/** What becomes of a line: an event of a kind, a refusal, a repeat of another line, or nothing, as it is blank. */
export type Fate = Kind | RefusalCode | 'duplicate' | 'blank'

/** One way in which a line of a history can be wrong, or look so. */
export interface Poison {
  /** What is odd about it; no two are alike. */
  readonly name: string
  /** The line, from a statement that nobody else has. */
  line(sound: Sound): Buffer | string
  readonly fate: Fate
}

/** Sound statements by their golden name, each with a learner and a time of its own, so that no two poisons tell one fact. */
export type Sound = (name: string) => string

/** Bytes of the longest statement, less than the default: what is near to it is long enough to hurt, and the tests take seconds. */
export const limit = 1 << 20

const first = Date.UTC(2025, 4, 1) / 1000

export function soundFor(n: number): Sound {
  const timestamp = new Date((first + n) * 1000).toISOString()
  return name => {
    const text = edited(statements[name]!, ['timestamp'], timestamp)
    const { actor } = JSON.parse(text) as { actor: { account?: object } }
    return actor.account === undefined
      ? edited(text, ['actor', 'mbox'], `mailto:p${n}@test`)
      : edited(text, ['actor', 'account', 'name'], 50_000 + n)
  }
}

export const lineOf = (poison: Poison, n: number): Buffer => Buffer.from(poison.line(soundFor(n)) as string)

/** The kind that a golden statement is of. */
export const kindOfSound = (name: string): Kind => expectedIds[name]!.kind as Kind

/** The text is what it is. */
export const raw = (name: string, line: Buffer | string, fate: Fate): Poison => ({ name, line: () => line, fate })

/** A sound statement with one value changed. */
export const with_ = (name: string, of: string, path: readonly string[], value: unknown, fate: Fate): Poison => ({
  name,
  line: sound => edited(sound(of), path, value),
  fate,
})

/** A sound statement with one value in a spelling of its own. */
export const written = (name: string, of: string, path: readonly string[], json: string, fate: Fate): Poison => ({
  name,
  line: sound => spelt(sound(of), path, json),
  fate,
})

/** A sound statement whose text was changed afterwards. */
export const spoilt = (name: string, of: string, spoil: (text: string) => Buffer | string, fate: Fate): Poison => ({
  name,
  line: sound => spoil(sound(of)),
  fate,
})
