import { readFileSync } from 'node:fs'
import type { Config, SettingMistake } from '../config.js'
import type { AnyRoleName } from '../runtime/roles.js'

/** What each role does; the names are not imported, since with them would come all that a role needs. */
export const roles: Readonly<Record<AnyRoleName, string>> = {
  follow: 'new objects in S3 to statements',
  route: 'statements to typed events, each once',
  aggregate: 'events to states of learners and sessions',
  sink: 'events to dataset files in S3',
  publish: 'manifests of datasets',
}
export const roleNames = Object.keys(roles) as AnyRoleName[]

/** Those that are named, or all that the settings ask for. */
export const rolesToRun = (config: Config, chosen: readonly AnyRoleName[] | null): readonly AnyRoleName[] =>
  chosen ?? roleNames.filter(name => name !== 'follow' || config.followBucket !== '')

/** Roles that work with S3, and those that know learners by their pseudonyms. */
export const needsS3 = (names: readonly AnyRoleName[]) => names.some(name => name === 'follow' || name === 'sink' || name === 'publish')
const needsKey = (names: readonly AnyRoleName[]) => names.some(name => name === 'sink' || name === 'publish')

const text = { keyMissing: 'is not set, nor is PSEUDONYM_KEY_FILE: all instances need the same key (`openssl rand -hex 32` makes one)' }

/** What keeps these roles from running, before anything is started. `config` shows the same. */
export function runMistakes(config: Config, names: readonly AnyRoleName[], usesLocalStack: boolean): readonly SettingMistake[] {
  const { followBucket, followSections, followPrefixes } = config
  const mistakes: SettingMistake[] = []
  if (names.includes('follow') && (followBucket === '' || (followSections.length === 0 && followPrefixes.length === 0)))
    mistakes.push({ env: 'FOLLOW_BUCKET', mistake: 'the role follow needs FOLLOW_BUCKET, and FOLLOW_SECTIONS or FOLLOW_PREFIXES' })
  if (needsKey(names)) {
    const mistake = keyMistake(config, usesLocalStack)
    if (mistake !== null) mistakes.push(mistake)
  }
  return mistakes
}

/** The local stack makes a key of its own. */
function keyMistake({ pseudonymKey, pseudonymKeyFile }: Config, usesLocalStack: boolean): SettingMistake | null {
  if (pseudonymKey !== '') return null
  if (pseudonymKeyFile === '') return usesLocalStack ? null : { env: 'PSEUDONYM_KEY', mistake: text.keyMissing }
  try {
    if (readFileSync(pseudonymKeyFile, 'utf8').trim().length >= 16) return null
    return { env: 'PSEUDONYM_KEY_FILE', mistake: `${pseudonymKeyFile} must have at least 16 characters` }
  } catch (error) {
    return { env: 'PSEUDONYM_KEY_FILE', mistake: `cannot be read: ${(error as Error).message}` }
  }
}
