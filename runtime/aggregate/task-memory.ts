import { createHash } from 'node:crypto'
import type { Aggregate, Json, Memory, Remembered } from '../../processors/aggregate.js'
import { decodeValue, encodeValue } from '../../processors/aggregate-value.js'
import type { OutRecord } from '../log.js'
import type { StateStore } from '../state/state-store.js'

/** One aggregate's memory in one task: the store, and before it what the open transaction has read and changed. */
export interface TaskMemory extends Memory {
  /** As of the last commit. */
  readonly committed: Remembered
  /** What changed, as records of the changelog; null = the key is gone. */
  changes(): OutRecord[]
  /** The changes are in the store, or will never be: what comes next is read anew. */
  forget(): void
}

interface Slot {
  value: Json | undefined
  changed: boolean
}

/** Units of UTF-16, of which each is three bytes at most: a store's keys have 1024. */
const longestKey = 300

export function taskMemory(aggregate: Aggregate, store: Pick<StateStore, 'get'>): TaskMemory {
  const staged = new Map<string, Map<string, Slot>>()
  // One step asks for many keys of one learner.
  let last = ''
  let slotsOfLast = new Map<string, Slot>()

  function slotsOf(learner: string): Map<string, Slot> {
    if (learner === last) return slotsOfLast
    let slots = staged.get(learner)
    if (slots === undefined) {
      slots = new Map()
      staged.set(learner, slots)
    }
    last = learner
    slotsOfLast = slots
    return slots
  }

  function read(learner: string, key: string): Json | undefined {
    const bytes = store.get(storeKey(aggregate, learner, key))
    return bytes === null ? undefined : decodeValue(aggregate, key, bytes)
  }

  function set(learner: string, key: string, value: Json | undefined): void {
    const slots = slotsOf(learner)
    const slot = slots.get(key)
    if (slot === undefined) slots.set(key, { value, changed: true })
    else {
      slot.value = value
      slot.changed = true
    }
  }

  return {
    get<Value extends Json>(learner: string, key: string): Value | undefined {
      const slots = slotsOf(learner)
      const slot = slots.get(key)
      if (slot !== undefined) return slot.value as Value | undefined
      const value = read(learner, key)
      slots.set(key, { value, changed: false })
      return value as Value | undefined
    },
    put: set,
    delete: (learner, key) => set(learner, key, undefined),
    committed: { get: <Value extends Json>(learner: string, key: string) => read(learner, key) as Value | undefined },
    changes() {
      const records: OutRecord[] = []
      for (const [learner, slots] of staged)
        for (const [key, { value, changed }] of slots)
          if (changed)
            records.push({ key: storeKey(aggregate, learner, key), value: value === undefined ? null : encodeValue(aggregate, value) })
      return records
    },
    forget() {
      staged.clear()
      last = ''
      slotsOfLast = new Map()
    },
  }
}

function storeKey({ name }: Aggregate, learner: string, key: string): Buffer {
  if (learner.length + key.length <= longestKey) return Buffer.from(`${name}|${learner}|${key}`)
  // The others go on with a bar, so none can be taken for one of these.
  return Buffer.from(`${name}#${createHash('sha256').update(`${learner}|${key}`).digest('hex')}`)
}
