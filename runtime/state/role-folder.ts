import { join } from 'node:path'
import type { Config } from '../../config.js'
import { isHeld, roleFolders, type StateFolder, takeStateFolder } from './state-folder.js'

type Place = Pick<Config, 'dataDir' | 'topicPrefix' | 'generation'>

const placeOf = ({ dataDir, topicPrefix, generation }: Place, role: string) =>
  [join(dataDir, 'state'), `${topicPrefix}${role}-g${generation}`] as const

export const takeRoleFolder = (place: Place, role: string): StateFolder => takeStateFolder(...placeOf(place, role))

/** A role takes its folder once it has found servers and topics as they must be, and holds it until its process ends. */
export const roleRunsHere = (place: Place, role: string): boolean => isHeld(...placeOf(place, role))

/** What the role keeps on this machine, for all instances that have ever run here. */
export const stateOfRole = (place: Place, role: string): readonly string[] => roleFolders(...placeOf(place, role))
