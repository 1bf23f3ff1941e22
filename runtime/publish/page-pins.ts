import { type Pin, parsePin } from '../../schemas/pin.js'
import { manifestVersionKey, pinKey, pinListKey, pinsPrefix } from '../../sinks/naming.js'
import type { ObjectStore } from '../object-store.js'

/** What the page says of versions that stay. */
export interface PagePins {
  /** In force, ascending. */
  readonly pins: readonly Pin[]
  /** Other pins have another one. */
  readonly mark: string
}

export const noPins: PagePins = { pins: [], mark: '' }

/**
 * The pins of a dataset, of which only those are read that are not `known`. One that cannot be understood is none for the page: `verify`
 * names it, `gc` touches nothing, and the dataset goes on being published.
 */
export async function readPagePins(store: ObjectStore, bucket: string, dataset: string, known: PagePins): Promise<PagePins> {
  const marks: string[] = []
  for await (const { key, etag } of store.list(bucket, pinsPrefix(dataset))) if (key.endsWith('.json')) marks.push(`${key} ${etag}`)
  const mark = marks.join('\n')
  if (mark === known.mark) return known
  const pins: Pin[] = []
  for (const each of marks) {
    const key = each.slice(0, each.lastIndexOf(' '))
    const body = await store.get(bucket, key)
    const pin = body === null ? null : parsePin(body.toString())
    if (pin?.state === 'pinned' && pin.dataset === dataset && isOf(pin, key)) pins.push(pin)
  }
  return { pins, mark }
}

/** What it names is what the page links to. */
const isOf = ({ dataset, version, manifest, list }: Pin, key: string) =>
  pinKey(dataset, version) === key && manifestVersionKey(dataset, version) === manifest.key && pinListKey(dataset, version) === list.key
