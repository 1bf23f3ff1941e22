import type { Status } from '../runtime/status.js'

/** Why a monitor should call somebody; empty = every role runs, each partition has its task, and every server answers. */
export function troubles({ roles, unknown }: Status): readonly string[] {
  return [
    ...roles.flatMap(({ role, members, tasks, of }) => {
      if (members === undefined || tasks === undefined) return [`${role}: not known whether it runs`]
      if (members === 0) return [`${role}: no process runs`]
      return tasks < of ? [`${role}: ${tasks} of ${of} tasks have a process`] : []
    }),
    ...unknown.map(({ server, why }) => `${server}: ${why}`),
  ]
}
