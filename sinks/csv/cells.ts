import type { DatasetSpec } from '../../schemas/dataset-spec.js'
import type { EventBase, Scalar } from '../../schemas/event.js'
import type { FieldType, Identity } from '../format.js'
import { joinedItems } from './array-text.js'
import { instantPrinter } from './instant.js'
import { rewriteJson } from './json-text.js'
import { numberText } from './number-text.js'
import { quote } from './quote.js'

/** Bound once per dataset: what a row's cell says, quoted already. `null` becomes an empty cell in both dialects. */
export interface Cell<E> {
  (binding: Binding): (event: E) => string
  readonly type: FieldType
}

const typed = <E>(type: FieldType, bind: (binding: Binding) => (event: E) => string): Cell<E> => Object.assign(bind, { type })

interface Binding {
  readonly dialect: DatasetSpec['dialect']
  readonly identity: Identity
}

export const text = <E>(of: (event: E) => string | null): Cell<E> =>
  typed('text', () => event => {
    const value = of(event)
    return value === null ? '' : quote(value)
  })

/** A number. Some senders write text where one belongs: it is printed as it came. */
export const scalar = <E>(of: (event: E) => Scalar, type: FieldType = 'number'): Cell<E> =>
  typed(type, () => event => {
    const value = of(event)
    if (value === null) return ''
    return typeof value === 'number' ? numberText(value) : quote(value)
  })

/** A time in microseconds since 1970. `torus` prints a fraction only where there is one, as the old job did. */
export const instant = <E>(of: (event: E) => number): Cell<E> =>
  typed('time', ({ dialect }) => {
    const print = instantPrinter(dialect === 'plain' ? 'six' : 'where needed')
    return event => print(of(event))
  })

/** Who did it, as the dataset names people. */
export const person: Cell<Pick<EventBase, 'host' | 'learner'>> = typed(
  'text',
  ({ identity }) =>
    event =>
      quote(identity(event.host, event.learner)),
)

/**
 * JSON text. `torus` wraps Python's compact text in one more pair of quotes and the CSV quotes then double all of them, so a reader takes
 * off one pair and parses the rest. `isNull` tells where a missing value was written as JSON's null (`"null"`), not as an empty cell.
 */
export const json = <E>(of: (event: E) => string | null, isNull: (event: E) => boolean): Cell<E> =>
  typed('JSON', ({ dialect }) =>
    dialect === 'plain'
      ? event => bareJson(of(event))
      : event => {
          const written = of(event)
          if (written === null || written === 'null') return isNull(event) ? '"""null"""' : ''
          return `"""${rewriteJson(written, 'python').replaceAll('"', '""')}"""`
        },
  )

/** A list of ids given as JSON text. `torus`: the items joined by commas, wrapped like JSON. A missing list is empty, unlike an empty one. */
export const array = <E>(of: (event: E) => string | null): Cell<E> =>
  typed('list', ({ dialect }) =>
    dialect === 'plain'
      ? event => bareJson(of(event))
      : event => {
          const written = of(event)
          return written === null || written === 'null' ? '' : `"""${joinedItems(written).replaceAll('"', '""')}"""`
        },
  )

function bareJson(written: string | null): string {
  return written === null || written === 'null' ? '' : quote(rewriteJson(written, 'bare'))
}
