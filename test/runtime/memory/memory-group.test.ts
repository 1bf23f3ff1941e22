import { MemoryGroup } from '../../../runtime/memory/memory-group.js'

const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
}

/** What a member is told, in order; `wait` holds its answers back. */
function listener() {
  const told: string[] = []
  let wait: Promise<void> = Promise.resolve()
  const on = (event: string) => async (partitions: readonly number[]) => {
    told.push(`${event} ${partitions}`)
    await wait
  }
  return {
    told,
    events: { assigned: on('assigned'), revoked: on('revoked'), lost: () => undefined },
    block() {
      let release: () => void = () => undefined
      wait = new Promise(resolve => {
        release = resolve
      })
      return release
    },
  }
}

function promise() {
  let resolve: () => void = () => undefined
  const done = new Promise<void>(r => {
    resolve = r
  })
  return { done, resolve }
}

test('a member that is cut off again before it is back comes back when both are over', async () => {
  const group = new MemoryGroup()
  const [first, second] = [listener(), listener()]
  const a = await group.join(first.events, 2, null)
  const b = await group.join(second.events, 2, null)
  await settled()
  expect([a.owned, b.owned]).toEqual([[0], [1]])

  const [once, again] = [promise(), promise()]
  const release = first.block()
  void group.expel(b, once.done)
  await settled()
  once.resolve()
  void group.expel(b, again.done)
  release()
  await settled()
  expect([a.owned, group.has(b)]).toEqual([[0, 1], false])

  again.resolve()
  await settled()
  expect([a.owned, b.owned]).toEqual([[0], [1]])
  expect(second.told).toEqual(['assigned 1', 'revoked 1', 'assigned 1'])
})
