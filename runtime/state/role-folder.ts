import { join } from 'node:path'
import type { Config } from '../../config.js'
import { openRoleReport, type RoleReport, troublesOf } from './role-report.js'
import { heldFolders, roleFolders, type StateFolder, takeStateFolder } from './state-folder.js'

type Place = Pick<Config, 'dataDir' | 'topicPrefix' | 'generation'>

const placeOf = ({ dataDir, topicPrefix, generation }: Place, role: string) =>
  [join(dataDir, 'state'), `${topicPrefix}${role}-g${generation}`] as const

export interface RoleFolder extends StateFolder {
  readonly report: RoleReport
}

/** A role takes its folder once it has found Kafka and topics as they must be, and holds it until its process ends. */
export function takeRoleFolder(place: Place, role: string): RoleFolder {
  const folder = takeStateFolder(...placeOf(place, role))
  const report = openRoleReport(folder.path)
  return {
    path: folder.path,
    report,
    release() {
      report.close()
      folder.release()
    },
  }
}

/** Why the role does not get on on this machine, process by process; empty = it does, null = it does not run here. */
export function roleTroublesHere(place: Place, role: string): readonly string[] | null {
  const held = heldFolders(...placeOf(place, role))
  return held.length === 0 ? null : held.flatMap(troublesOf)
}

/** What the role keeps on this machine, for all instances that have ever run here. */
export const stateOfRole = (place: Place, role: string): readonly string[] => roleFolders(...placeOf(place, role))
