import { makeMemoryWorld } from '../../driver/memory-world.js'
import { publish } from '../../driver/publish.js'
import { rowsOf } from '../../driver/results.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import { seeded } from '../kafka/random.js'

const rows = 3000
const sections = 6
const text = (n: number) => statement(n, { section: 1 + (n % sections), padding: 300 }, 'page_viewed')

test.each([1, 2, 3])(
  'datasets that are flushed largest first, some by the ledger, have each row once, whatever breaks (%i)',
  async seed => {
    const world = await makeMemoryWorld({ PARTITIONS: '2', OPEN_BYTES: '160000', PIECE_BYTES: '10000', FETCH_BYTES: '10000' })
    const { chance, int } = seeded(seed)
    let crashes = 0
    let calm = false
    const stop = startRoles(world, { roles: ['route', 'publish'] })
    await publish(
      world,
      Array.from({ length: rows }, (_, n) => text(n)),
    )
    await world.apply({ id: 'first', kind: 'page_viewed' })
    startRoles(world, {
      roles: ['sink'],
      fault: at => {
        if (calm || !at.startsWith('sink.') || !chance(0.2)) return
        crashes++
        throw new Error(`injected at ${at}`)
      },
    })
    const specs = Array.from({ length: 7 }, (_, i) => {
      const own = i % 2 === 0 ? null : [1 + int(sections), 1 + int(sections)]
      return { id: `d${i}`, kind: 'page_viewed', freshness: 10, ...(own && { section_ids: own }) }
    })
    let more = rows
    for (const spec of specs) {
      await world.apply(spec)
      if (chance(0.5)) {
        await publish(
          world,
          Array.from({ length: 120 }, (_, n) => text(more + n)),
        )
        more += 120
      }
    }
    await world.services.clock.sleep(4000, new AbortController().signal)
    calm = true
    for (const { id } of specs) await world.complete(id, 400)
    await world.complete('first', 400)
    await stop()
    expect(crashes).toBeGreaterThan(0)
    for (const { id, section_ids } of specs as { id: string; section_ids?: number[] }[]) {
      const { rows: found } = await rowsOf(world, id)
      const wanted = Array.from({ length: more }, (_, n) => n).filter(
        n => section_ids === undefined || section_ids.includes(1 + (n % sections)),
      )
      expect([id, found.length, new Set(found).size]).toEqual([id, wanted.length, wanted.length])
    }
    expect((await world.verify()).problems).toEqual([])
  },
)
