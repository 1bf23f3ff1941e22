import type { OpenPiece } from '../../../runtime/sink/open-piece.js'

/** Bytes of all open part files of the process. */
const open = { bytes: 0, peak: 0 }
const real = await import('../../../runtime/sink/open-piece.js')
const { unstable_mockModule: mockModule } = import.meta.jest as unknown as { unstable_mockModule(path: string, make: () => object): void }
mockModule('../../../runtime/sink/open-piece.js', () => ({
  ...real,
  openPiece(...args: Parameters<typeof real.openPiece>): OpenPiece {
    const piece = real.openPiece(...args)
    const { append, finish } = piece
    let counted = 0
    const count = (now: number) => {
      open.bytes += now - counted
      counted = now
      open.peak = Math.max(open.peak, open.bytes)
    }
    count(piece.held)
    return Object.assign(piece, {
      append(...row: Parameters<typeof append>) {
        append(...row)
        count(piece.held)
      },
      finish(tail: string) {
        // It is held until it is uploaded; with a store in memory that is at once.
        count(0)
        return finish(tail)
      },
    })
  },
}))
const { makeMemoryWorld } = await import('../../driver/memory-world.js')
const { publish } = await import('../../driver/publish.js')
const { rowsOf } = await import('../../driver/results.js')
const { startRoles } = await import('../../driver/roles.js')
const { statement } = await import('../../driver/statements.js')

const openBytes = 400_000
const pieceBytes = 160_000
/** In each partition more than are read at once when a dataset joins. */
const rows = 11_000
/** Every other one has read positions of its own, by its sections. */
const specs = Array.from({ length: 30 }, (_, i) => ({
  id: `d${i}`,
  kind: 'page_viewed',
  freshness: 10,
  ...(i % 2 === 0 && { section_ids: [1, 2] }),
}))

test('thirty datasets that catch up hold no more than the budget of the process, and write no tiny files', async () => {
  const world = await makeMemoryWorld({ PARTITIONS: '2', OPEN_BYTES: String(openBytes), PIECE_BYTES: String(pieceBytes) })
  const stop = startRoles(world, { roles: ['route', 'sink', 'publish'] })
  const text = (n: number) => statement(n, { section: 1 + (n % 2) }, 'page_viewed')
  await publish(
    world,
    Array.from({ length: rows }, (_, n) => text(n)),
  )
  await world.apply({ id: 'first', kind: 'page_viewed' })
  await world.complete('first', 400)
  await stop()

  Object.assign(open, { bytes: 0, peak: 0 })
  for (const spec of specs) await world.apply(spec)
  const created: number[] = []
  startRoles(world, {
    roles: ['sink', 'publish'],
    store: store => ({
      ...store,
      async create(...args) {
        if (args[1].endsWith('.csv')) created.push(args[2].length)
        return store.create(...args)
      },
    }),
  })
  await Promise.all(specs.map(({ id }) => world.complete(id, 800)))
  // A record's rows of each task come on top.
  expect(open.peak).toBeLessThan(openBytes + 2 * specs.length * 300)
  expect(open.peak).toBeGreaterThan(openBytes / 4)

  for (const { id } of specs) expect(new Set((await rowsOf(world, id)).rows).size).toBe(rows)
  expect((await world.verify()).problems).toEqual([])
  // Of each dataset and partition the last one is as large as what was left.
  expect(created.filter(bytes => bytes < pieceBytes / 16).length).toBeLessThan(created.length / 4)
})
