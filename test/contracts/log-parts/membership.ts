import { setTimeout as sleep } from 'node:timers/promises'
import type { Membership, MembershipEvents } from '../../../runtime/log.js'
import type { LogSuite } from './log-suite.js'
import { until } from './parts.js'

/** Who owns which partitions. */
export function membershipContract(s: LogSuite): void {
  const { topic, id } = s

  describe('membership', () => {
    interface Member {
      membership: Membership
      held: Set<number>
      taken: number[]
    }

    /** Fails at once when two members hold one partition. */
    async function member(all: Member[], group: string, t: string, events: Partial<MembershipEvents> = {}): Promise<Member> {
      const self: Member = { membership: undefined as unknown as Membership, held: new Set(), taken: [] }
      all.push(self)
      self.membership = await s.log.join(group, t, {
        async assigned(partitions) {
          for (const p of partitions) {
            const others = all.filter(m => m !== self && m.held.has(p))
            if (others.length > 0) throw new Error(`partition ${p} is held twice`)
            self.held.add(p)
          }
        },
        async revoked(partitions) {
          // Time for others to be wrong in.
          await sleep(20)
          for (const p of partitions) self.held.delete(p)
          self.taken.push(...partitions)
        },
        lost() {
          self.held.clear()
        },
        ...events,
      })
      return self
    }

    const shares = (all: Member[]) => all.map(m => [...m.held].sort((a, b) => a - b))

    test('1, 2, 1 members: disjoint at all times, balanced, and nothing moves without need', async () => {
      const t = await topic(6)
      const group = id()
      const all: Member[] = []
      const first = await member(all, group, t)
      expect(first.membership.owned).toEqual([0, 1, 2, 3, 4, 5])
      await until('the first holds all', () => first.held.size === 6)
      expect(await first.membership.confirm()).toBe(true)
      const second = await member(all, group, t)
      await until(
        'both hold half',
        () => first.held.size === 3 && second.held.size === 3,
        () => shares(all),
      )
      expect(first.taken).toHaveLength(3)
      expect(second.taken).toHaveLength(0)
      expect([...first.membership.owned, ...second.membership.owned].sort()).toEqual([0, 1, 2, 3, 4, 5])
      expect(await second.membership.confirm()).toBe(true)
      await second.membership.leave()
      await until(
        'the first holds all again',
        () => first.held.size === 6,
        () => shares(all),
      )
      expect(first.taken).toHaveLength(3)
      expect(await first.membership.confirm()).toBe(true)
      await first.membership.leave()
      expect(first.held.size).toBe(0)
      expect(await first.membership.confirm()).toBe(false)
    })

    test('anybody can see who is in a group and what it owns; of an unknown group nobody', async () => {
      const t = await topic(4)
      const group = id()
      expect(await s.log.members(group)).toEqual([])
      const all: Member[] = []
      const [first, second] = [await member(all, group, t), await member(all, group, t)]
      await until('both hold half', () => first.held.size === 2 && second.held.size === 2)
      const owned = async () => (await s.under.small.members(group)).map(each => each.partitions.join())
      await until(
        'both are seen',
        async () =>
          (await owned()).sort().join(' ') ===
          [...shares(all)]
            .map(s => s.join())
            .sort()
            .join(' '),
      )
      expect(new Set((await s.log.members(group)).map(each => each.id)).size).toBe(2)
      await second.membership.leave()
      await until('one is left', async () => (await owned()).join(' ') === '0,1,2,3')
      await first.membership.leave()
      expect(await s.log.members(group)).toEqual([])
    })

    test('members come and go at random: disjoint at all times, complete and balanced in the end', async () => {
      const t = await topic(7)
      const group = id()
      const all: Member[] = []
      const here: Member[] = []
      for (const change of ['+', '+', '+', '-', '+', '-', '-', '+']) {
        if (change === '+') here.push(await member(all, group, t))
        else await here.shift()!.membership.leave()
        // Half of the changes come before the one before has settled.
        if (here.length % 2 === 0) await sleep(150)
      }
      const complete = () =>
        [...shares(here)]
          .flat()
          .sort((a, b) => a - b)
          .join() === '0,1,2,3,4,5,6'
      await until(
        'all is shared out',
        () => complete() && here.every(m => m.held.size >= Math.floor(7 / here.length)),
        () => shares(here),
      )
      await Promise.all(here.map(m => m.membership.leave()))
      expect(all.every(m => m.held.size === 0)).toBe(true)
    })

    test('offset hints are taken from members and from outside, for any topic, and break nothing', async () => {
      const [t, other] = [await topic(2), await topic(1)]
      const group = id()
      await s.log.hintOffsets(group, t, new Map([[0, 5]]))
      expect(await s.under.hinted(group, t)).toEqual(new Map([[0, 5]]))
      const all: Member[] = []
      const only = await member(all, group, t)
      const offsets = new Map([
        [0, 7],
        [1, 8],
      ])
      await s.log.hintOffsets(group, t, offsets)
      await s.log.hintOffsets(group, other, new Map([[0, 9]]))
      expect(await s.under.hinted(group, t)).toEqual(offsets)
      expect(await s.under.hinted(group, other)).toEqual(new Map([[0, 9]]))
      expect(await only.membership.confirm()).toBe(true)
      await only.membership.leave()
    })
  })
}
