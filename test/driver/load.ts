import { type Running, start } from './command-line.js'
import type { World } from './world.js'

const mostRuns = 5

export interface Load {
  /** Nothing is left to be sent. */
  readonly ended: boolean
  /** Kills the command and does the rest at full speed, as the same run. Resolves with the number of times that the command was given. */
  finish(): Promise<number>
}

/** A slow backfill of everything as a command, given again when it fails: nothing else is asked of a person. */
export function startLoad(world: World, linesPerSecond: number): Load {
  const prefix = 'section/'
  const args = ['backfill', '--bucket', world.bucket, '--prefix', prefix, '--limit-rate', String(linesPerSecond)]
  let runs = 0
  let ended = false
  let current: Running
  const run = async () => {
    for (;;) {
      runs++
      current = start(world, args)
      const { code, stderr } = await current.ended
      ended = code === 0
      // Null: killed by us.
      if (ended || code === null) return
      world.said.push(`backfill ended with code ${code}: ${stderr.slice(-500)}`)
      if (runs === mostRuns) throw new Error(`the backfill does not get through: ${stderr.slice(-2000)}`)
    }
  }
  const running = run()
  running.catch(() => undefined)
  return {
    get ended() {
      return ended
    },
    async finish() {
      current.child.kill('SIGKILL')
      await running
      await world.backfill({ prefix })
      return runs
    },
  }
}
