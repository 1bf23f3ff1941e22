import { makeMemoryWorld } from '../../driver/memory-world.js'
import { jsonl, torusKey } from '../../driver/objects.js'
import { startRoles } from '../../driver/roles.js'
import { statement } from '../../driver/statements.js'
import type { World } from '../../driver/world.js'

async function pour(): Promise<{ readonly world: World; readonly notes: string[] }> {
  const world = await makeMemoryWorld()
  await world.put([{ key: torusKey(1, 'page_viewed', 0), body: jsonl([statement(1)]) }])
  return { world, notes: [] }
}
const begins = (what: string) => ({ code: 'INCOMPLETE', message: expect.stringContaining(what) as string })

test('a backfill that waits without any role says so at once, and ends when the time is up', async () => {
  const { world, notes } = await pour()
  const waiting = world.backfill({}, { timeoutMs: 20_000, events: { note: text => notes.push(text) } })
  await expect(waiting).rejects.toMatchObject(
    begins('waiting for route to pass the end of the run: 20 s are over, and no process runs route'),
  )
  expect(notes[0]).toBe('no process runs route: nothing is done until `tributary run` is started')
  // The same command goes on with the same run, and is over as soon as somebody works.
  startRoles(world)
  expect(await world.backfill()).toMatchObject({ objects: 0, skipped: 1, sealed: true })
})

test('where route alone runs it is not waited for the datasets without a word', async () => {
  const { world, notes } = await pour()
  await world.apply({ id: 'views', kind: 'page_viewed' })
  await world.apply({ id: 'people', kind: 'learners' })
  startRoles(world, { roles: ['route'] })
  const waiting = world.backfill({}, { timeoutMs: 20_000, events: { note: text => notes.push(text) } })
  await expect(waiting).rejects.toMatchObject(
    begins('waiting for the datasets to contain the run: 20 s are over, and no process runs aggregate, sink, publish'),
  )
  expect(notes).toContain('no process runs aggregate, sink, publish: nothing is done until `tributary run` is started')
})
