import { type AbortedTransaction, committedFilter } from '../../../runtime/kafka/committed-filter.js'
import type { Batch } from '../../../runtime/kafka/record-batch-walker.js'
import { seeded } from './random.js'

interface Logged {
  readonly batch: Batch
  /** What became of it, known to the model alone. */
  fate: 'plain' | 'committed' | 'aborted' | 'control'
}

/** The body of a control record: its key is version 0 and the type, 0 abort or 1 commit. */
function marker(type: number): Buffer {
  return Buffer.from([2 * 15, 0, 0, 0, 8, 0, 0, 0, type, 12, 0, 0, 0, 0, 0, 0, 0])
}

function batch(base: number, last: number, producerId: number, kind: Partial<Batch>): Batch {
  return {
    base,
    last,
    producerId,
    producerEpoch: 0,
    transactional: false,
    control: false,
    count: last - base + 1,
    baseTimestamp: 0,
    maxTimestamp: 0,
    appendTime: true,
    codec: 0,
    body: Buffer.alloc(0),
    ...kind,
  }
}

interface Ended extends AbortedTransaction {
  readonly lastOffset: number
}

/** A random log of several producers, and the aborted transactions in the order in which the broker writes them down. */
function randomLog(seed: number): { log: Logged[]; aborted: Ended[] } {
  const random = seeded(seed)
  const log: Logged[] = []
  const aborted: Ended[] = []
  const open = new Map<number, Logged[]>()
  let next = 0
  const end = (id: number, mine: Logged[]) => {
    const commit = random.chance(0.5)
    for (const logged of mine) logged.fate = commit ? 'committed' : 'aborted'
    if (!commit) aborted.push({ producerId: id, firstOffset: mine[0]!.batch.base, lastOffset: next })
    log.push({ batch: batch(next, next, id, { transactional: true, control: true, body: marker(commit ? 1 : 0) }), fate: 'control' })
    next++
    open.delete(id)
  }
  for (let step = 0, steps = 5 + random.int(40); step < steps; step++) {
    const id = random.int(4)
    const mine = open.get(id)
    if (mine !== undefined && random.chance(0.35)) {
      end(id, mine)
      continue
    }
    // The last of these looks like an abort marker in all but the control flag.
    const size = 1 + random.int(4)
    const transactional = random.chance(0.8)
    const logged: Logged = {
      batch: batch(next, next + size - 1, transactional ? id : 90, { transactional, body: marker(0) }),
      fate: 'plain',
    }
    log.push(logged)
    if (transactional) open.set(id, [...(mine ?? []), logged])
    next += size
  }
  for (const [id, mine] of [...open]) end(id, mine)
  return { log, aborted }
}

test('equals the model for random logs, starts and ends, also where compaction took batches', () => {
  let checked = 0
  for (let seed = 1; seed <= 3_000; seed++) {
    const random = seeded(seed + 1_000_000)
    const { log, aborted } = randomLog(seed)
    const high = log.at(-1)!.batch.last + 1
    for (let window = 0; window < 8; window++) {
      const from = random.int(high)
      const to = from + 1 + random.int(high - from)
      const listed = aborted.filter(a => a.lastOffset >= from && a.firstOffset < to)
      // Compaction takes committed and plain batches, and commit markers; abort markers stay while their data do.
      const kept = log.filter(({ fate }) => fate === 'aborted' || fate === 'control' || !random.chance(0.2))
      const isCommitted = committedFilter(listed)
      for (const { batch: one, fate } of kept) {
        if (one.last < from || one.base >= to) continue
        const wanted = fate === 'plain' || fate === 'committed'
        if (isCommitted(one) !== wanted) throw new Error(`seed ${seed}, window ${from}..${to}, offset ${one.base}: ${fate}`)
        checked++
      }
    }
  }
  expect(checked).toBeGreaterThan(100_000)
})

test('two transactions open at the first record are both kept back, and each until its own marker', () => {
  const isCommitted = committedFilter([
    { producerId: 2, firstOffset: 5 },
    { producerId: 1, firstOffset: 0 },
  ])
  expect(isCommitted(batch(5, 5, 2, { transactional: true }))).toBe(false)
  expect(isCommitted(batch(6, 6, 1, { transactional: true }))).toBe(false)
  expect(isCommitted(batch(7, 7, 1, { transactional: true, control: true, body: marker(0) }))).toBe(false)
  expect(isCommitted(batch(8, 8, 1, { transactional: true }))).toBe(true)
  expect(isCommitted(batch(9, 9, 2, { transactional: true }))).toBe(false)
})
