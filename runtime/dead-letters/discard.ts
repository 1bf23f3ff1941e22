import type { LetterDecision } from '../../schemas/letter-decision.js'
import type { Services } from '../services.js'
import { deciding, decisionBatches } from './decide.js'
import { eachLetter } from './each-letter.js'
import { sha256Of } from './letter.js'
import { type LetterChoice, type LetterEntry, letterTable } from './letter-table.js'

export interface DiscardOptions {
  readonly by: string
  /** Null = takes back what was discarded: the letters are open again. */
  readonly reason: string | null
  readonly dryRun: boolean
}

export interface DiscardSum {
  readonly selected: number
  /** Decided now; with `dryRun` those that would be. */
  readonly decided: readonly string[]
}

const atOnce = 500

/** Marks letters as seen and done with. They stay in the topic and in the sums. */
export async function discardLetters(services: Services, choice: LetterChoice, options: DiscardOptions): Promise<DiscardSum> {
  const concerned = ({ state }: LetterEntry) =>
    options.reason === null ? state === 'discarded' : state !== 'discarded' && state !== 'replayed'
  if (options.dryRun) {
    const { entries } = await letterTable(services, choice)
    return { selected: entries.length, decided: entries.filter(concerned).map(({ id }) => id) }
  }
  return deciding(services, async tx => {
    const { entries } = await letterTable(services, choice)
    const decided: string[] = []
    const decisions = new Map<string, LetterDecision | null>()
    const flush = async () => {
      await tx.send(decisionBatches(services, decisions))
      await tx.commit()
      decided.push(...decisions.keys())
      decisions.clear()
    }
    const { reason, by } = options
    const at = new Date(services.clock.now()).toISOString()
    await eachLetter(services, entries.filter(concerned), async letter => {
      decisions.set(letter.id, reason === null ? null : { state: 'discarded', sha256: sha256Of(letter), at, by, reason, xapi: null })
      if (decisions.size >= atOnce) await flush()
    })
    if (decisions.size > 0) await flush()
    return { selected: entries.length, decided }
  })
}
