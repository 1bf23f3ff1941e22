import { flushCatchUp, flushLive } from './commit.js'
import type { Member } from './member.js'
import { membersOf, type SinkState } from './sink-state.js'

/**
 * Flushes the datasets whose part files are as large as they get, and, where the process holds too much, the largest of the task. Between two
 * records the task may do so at any time: what is flushed has its own place in the progress.
 */
export async function relieve(state: SinkState): Promise<void> {
  const { deps, share, live, catchingUp } = state
  noteHeld(state)
  const chosen = new Set(membersOf(state).filter(member => member.openBytes >= deps.pieceBytes))
  let excess = share.excess() - heldBy(chosen)
  for (const member of excess > 0 ? largestFirst(state) : []) {
    if (excess <= 0) break
    if (chosen.has(member)) continue
    chosen.add(member)
    excess -= member.openBytes
  }
  if (chosen.size === 0) return
  const isChosen = (member: Member) => chosen.has(member)
  if (live.members.some(isChosen)) await flushLive(state, live.members.filter(isChosen))
  for (const cohort of [...catchingUp])
    if (cohort.members.some(isChosen)) await flushCatchUp(state, cohort, cohort.members.filter(isChosen))
  noteHeld(state)
}

const largestFirst = (state: SinkState) =>
  membersOf(state)
    .filter(member => member.openRows > 0)
    .sort((a, b) => b.openBytes - a.openBytes)

/** Also of those that were flushed or dropped since. */
function noteHeld(state: SinkState): void {
  state.share.held = heldBy(membersOf(state))
}

function heldBy(members: Iterable<Member>): number {
  let sum = 0
  for (const { openBytes } of members) sum += openBytes
  return sum
}
