import type { ShownLetter } from '../runtime/dead-letters/show-letter.js'
import { TributaryError } from '../schemas/errors.js'
import { command } from './command.js'
import { withServices } from './with-services.js'

export const deadLettersShow = command({
  name: 'dead-letters show',
  about: 'One dead letter: why it was refused, where it came from, its bytes, and where they are damaged.',
  arguments: { id: 'Id of the dead letter; its beginning is enough.' },
  flags: {},
  json: true,
  examples: [['dead-letters show 84e67850d043', 'by the beginning of its id']],
  async run(app, _, { id }) {
    if (!/^[0-9a-f]{4,32}$/.test(id))
      throw new TributaryError('WRONG_USAGE', `an id has 32 hex digits, of which the first 4 or more are enough (given: ${id})`)
    const [{ showLetter }, { letterText }] = await Promise.all([
      import('../runtime/dead-letters/show-letter.js'),
      import('./dead-letters-text.js'),
    ])
    const shown = await withServices(app, services => showLetter(services, id))
    app.output.result(documentOf(shown), columns => letterText(shown, columns))
    return 0
  },
})

/** Bytes as text where they are that, else as base64. */
function documentOf({ letter, entry, decision, damage, cannotReplay }: ShownLetter): object {
  const { id, code, reason, source, received, from, at, bytes, whole } = letter
  const text = bytes?.toString('utf8') ?? null
  const isText = bytes !== null && Buffer.from(text!).equals(bytes)
  return {
    id,
    code,
    reason,
    state: entry.state,
    source,
    received,
    refusedAt: new Date(entry.refusedAt).toISOString(),
    refusals: entry.refusals,
    from,
    at,
    decision,
    damage,
    cannotReplay,
    whole,
    ...(bytes === null ? { text: null } : isText ? { text } : { base64: bytes.toString('base64') }),
  }
}
