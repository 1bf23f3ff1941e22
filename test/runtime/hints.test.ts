import { makeHints } from '../../runtime/hints.js'
import type { Log } from '../../runtime/log.js'
import type { MemoryLog } from '../../runtime/memory/memory-log.js'
import type { Services } from '../../runtime/services.js'
import { groupedRoles, groupName } from '../../schemas/topics.js'
import { lagging } from '../driver/group-offsets.js'
import { makeMemoryWorld } from '../driver/memory-world.js'
import { uploads } from '../driver/objects.js'
import { startRoles } from '../driver/roles.js'
import { statements } from '../driver/statements.js'
import { statesOf } from '../driver/states.js'
import { until } from '../driver/until.js'
import { withMethods } from '../driver/with-methods.js'

test('every role says how far it is in all that it reads', async () => {
  const world = await makeMemoryWorld()
  startRoles(world)
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  await world.apply({ id: 'people', kind: 'learners' })
  await world.apply({ id: 'visits', kind: 'sessions' })
  await world.put(uploads(1, 'all', statements(0, 60), 20))
  await world.backfill()
  await statesOf(world)
  await until(world, 'offsets of all groups at the ends', 60, async () =>
    (await lagging(world, async (group, topic) => (world.services.log as MemoryLog).hinted(group, topic))).length === 0 ? true : null,
  )
})

/** Time that moves when the test says so. */
function handClock() {
  let time = 0
  const sleeping: { until: number; wake: () => void }[] = []
  return {
    now: () => time,
    monotonic: () => time,
    uuid: () => '',
    sleep: (ms: number) => new Promise<void>(wake => sleeping.push({ until: time + ms, wake })),
    async to(next: number) {
      for (time = Math.min(...sleeping.map(each => each.until), next); ; time = Math.min(...sleeping.map(each => each.until), next)) {
        for (const due of sleeping.filter(each => each.until <= time)) {
          sleeping.splice(sleeping.indexOf(due), 1)
          due.wake()
        }
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        if (time === next) return
      }
    },
  }
}

test('at most every five seconds what is new, and all again now and then, but not of a task that has gone', async () => {
  const clock = handClock()
  const said: string[] = []
  const log = {
    hintOffsets: async (group: string, topic: string, offsets: ReadonlyMap<number, number>) => {
      said.push(`${clock.now() / 1000} s: ${group} ${topic} ${[...offsets].map(pair => pair.join('=')).join(' ')}`)
    },
  }
  const hints = makeHints(log as unknown as MemoryLog, 'g', clock, new AbortController().signal)
  hints.note('a', 0, 1)
  await clock.to(1_000)
  hints.note('a', 0, 2)
  hints.note('a', 1, 7)
  hints.note('b', 0, 9)
  await clock.to(20_000)
  hints.note('a', 0, 2)
  await clock.to(300_000)
  hints.drop(1)
  hints.note('c', 0, 4)
  hints.note('c', 1, 4)
  // Not sent yet, and the new owner may be further.
  hints.drop(1)
  await clock.to(400_000)
  hints.drop(0, 'c')
  await clock.to(700_000)
  expect(said).toEqual(['5 s: g a 0=2 1=7', '5 s: g b 0=9', '305 s: g c 0=4', '605 s: g a 0=2', '605 s: g b 0=9'])
})

test.each([
  ['refused', () => Promise.reject(new Error('UNKNOWN_MEMBER_ID'))],
  ['never answered', () => new Promise<void>(() => undefined)],
])('nothing waits for an offset, and nothing ends where each is %s', async (_, hintOffsets) => {
  const world = await makeMemoryWorld()
  const calls: string[] = []
  const between = (services: Services): Services => ({
    ...services,
    log: withMethods<Log>(services.log, {
      hintOffsets: group => {
        calls.push(group)
        return hintOffsets()
      },
    }),
  })
  const stop = startRoles(world, { between })
  await world.apply({ id: 'attempts', kind: 'attempt_evaluated' })
  await world.apply({ id: 'people', kind: 'learners' })
  await world.put(uploads(1, 'all', statements(0, 200), 20))
  await world.backfill()
  await world.complete('attempts')
  await world.complete('people')
  const groups = new Set(groupedRoles.map(role => groupName(role, world.services.naming)))
  await until(world, 'every role to have tried', 60, () => ([...groups].every(group => calls.includes(group)) ? true : null))
  await stop()
  expect(world.said.filter(text => /ended|stopped|failed|UNKNOWN_MEMBER_ID/.test(text))).toEqual([])
  expect((await world.verify()).problems).toEqual([])
})
