import { makeTaskState, type TaskPhase } from '../../runtime/task-state.js'

const reach = (...phases: TaskPhase[]) => {
  const state = makeTaskState('t')
  for (const phase of phases) state.enter(phase)
  return state
}

test('a task runs only after it was claimed and restored', () => {
  expect(reach('claiming', 'restoring', 'running').phase).toBe('running')
  expect(() => reach('running')).toThrow('running cannot follow idle')
  expect(() => reach('claiming', 'running')).toThrow('running cannot follow claiming')
  expect(() => reach('claiming', 'restoring', 'waiting', 'running')).toThrow('running cannot follow waiting')
  expect(() => reach('claiming', 'restoring', 'running', 'running')).toThrow('running cannot follow running')
})

test('after trouble, a lost offset or fencing it claims again', () => {
  for (const trouble of ['waiting', 'offset-lost', 'fenced'] as const)
    expect(reach('claiming', 'restoring', 'running', trouble, 'claiming').phase).toBe('claiming')
})

test('a stopped task does nothing any more', () => {
  for (const phase of ['claiming', 'restoring', 'running', 'waiting'] as const)
    expect(() => reach('stopped', phase)).toThrow(`${phase} cannot follow stopped`)
})
