import { engagement } from '../../../processors/engagement.js'
import { makeMember, noteMarker, type Standing, standingOf } from '../../../runtime/aggregate/member.js'
import { taskMemory } from '../../../runtime/aggregate/task-memory.js'
import { memoryStateStore } from '../../../runtime/memory/memory-state-store.js'
import { encodeMarker, type MarkerKind } from '../../../schemas/marker.js'
import { eventTopicIds } from '../../../schemas/topics.js'

const made = (standing: Standing) => makeMember(engagement, taskMemory(engagement, memoryStateStore()), standing)
const marker = (run: string, kind: MarkerKind) => ({
  offset: 0,
  timestamp: 0,
  key: Buffer.from(`marker|${run}`),
  value: encodeMarker({ run, kind, partition: 0 }),
  headers: [['marker', Buffer.from(kind)] as const],
})

test('a marker is passed on when it was read in every topic, also by who goes on after a restart', () => {
  let member = made({ next: {}, markers: {} })
  for (const topic of eventTopicIds.slice(0, 4)) noteMarker(member, topic, marker('a|b', 'end'))
  noteMarker(member, 'events.attempt', marker('a|b', 'sealed'))
  expect(member.passed).toEqual([])
  const standing = JSON.parse(JSON.stringify(standingOf(member, { 'events.attempt': 3 }))) as Standing
  expect(standing.next).toEqual({ 'events.attempt': 3 })

  member = made(standing)
  for (const topic of eventTopicIds.slice(2)) noteMarker(member, topic, marker('a|b', 'end'))
  expect(member.passed.map(({ key, value, headers }) => [key!.toString(), JSON.parse(value!.toString()), headers])).toEqual([
    ['marker|a%7Cb', { run: 'a|b', kind: 'end', partition: 0 }, [['marker', 'end']]],
  ])
  expect(Object.keys(standingOf(member, {}).markers)).toEqual(['sealed marker|a|b'])
})
