/** Where a task is. Its topics are read and written in `restoring` and `running` only. */
export type TaskPhase = 'idle' | 'claiming' | 'restoring' | 'running' | 'waiting' | 'fenced' | 'offset-lost' | 'stopped'

/**
 * What may follow what:
 * - `claiming`: the group has just confirmed that the task is ours; the former owner is being shut out
 * - `restoring`: claimed; committed state and position are being read
 * - `running`: only from `restoring`, so nothing is processed before claim, state and position
 * - `waiting`: broken infrastructure, tried again after a while; `offset-lost`: the same, but a person has to act
 * - `fenced`: somebody else owns the task, or the group does not answer for us
 * - `stopped`: the end
 */
const next: Readonly<Record<TaskPhase, readonly TaskPhase[]>> = {
  idle: ['claiming', 'fenced', 'stopped'],
  claiming: ['restoring', 'waiting', 'fenced', 'stopped'],
  restoring: ['running', 'waiting', 'fenced', 'offset-lost', 'stopped'],
  running: ['waiting', 'fenced', 'offset-lost', 'stopped'],
  waiting: ['claiming', 'fenced', 'stopped'],
  'offset-lost': ['claiming', 'fenced', 'stopped'],
  fenced: ['claiming', 'fenced', 'stopped'],
  stopped: [],
}

export interface TaskState {
  readonly phase: TaskPhase
  /** Throws on a transition that is not in the table: a mistake of ours, which must not go on. */
  enter(phase: TaskPhase): void
}

export function makeTaskState(name: string, told: (phase: TaskPhase) => void = () => undefined): TaskState {
  const state = {
    phase: 'idle' as TaskPhase,
    enter(phase: TaskPhase) {
      if (!next[state.phase].includes(phase)) throw new Error(`task ${name}: ${phase} cannot follow ${state.phase}`)
      state.phase = phase
      told(phase)
    },
  }
  return state
}
