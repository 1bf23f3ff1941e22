import { type Config, type SettingMistake, settings } from '../config.js'
import { TributaryError } from '../schemas/errors.js'

/** Where the servers are: all from the environment, or all from the running local stack. */
export interface Addresses {
  readonly brokers: readonly string[]
  /** It may hold a user name and a password. */
  readonly registry: string
  readonly s3: S3Address
}

export interface S3Address {
  /** Empty = Amazon S3. */
  readonly endpoint: string
  readonly region: string
  /** Empty = the AWS SDK finds the credentials. */
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

type AddressName = 'brokers' | 'registry' | 's3Endpoint' | 'followQueueUrl'
const needed = ['brokers', 'registry'] as const
const addressNames: readonly AddressName[] = [...needed, 's3Endpoint', 'followQueueUrl']

const isGiven = (config: Config, name: AddressName) => (config[name] ?? '').length > 0

/** No server is named, so all are those of the local stack. */
export const usesLocalStack = (config: Config) => !addressNames.some(name => isGiven(config, name))

/** All of its servers run, or these have ended by themselves; none ended = it was not started, or was stopped. */
export type LocalStack = 'runs' | { readonly ended: readonly string[] }

/**
 * Why these settings lead to no servers; none = they do. One address from elsewhere beside the rest from the local stack would commit to
 * one world what lies in the other: positions in production, files on a laptop, messages deleted from a queue whose objects are not here.
 */
export function addressMistakes(config: Config, local: LocalStack): readonly SettingMistake[] {
  const missing = needed.filter(name => !isGiven(config, name)).map(name => settings[name].env)
  if (usesLocalStack(config)) {
    if (local === 'runs') return []
    const lacks = local.ended.length > 0 ? `of the local stack ${local.ended.join(' and ')} ended` : 'no local stack is running'
    return missing.map(env => ({ env, mistake: `is not set, and ${lacks}: \`tributary up\` starts it` }))
  }
  const given = addressNames.filter(name => isGiven(config, name)).map(name => settings[name].env)
  const beside = `is not set, but ${given.join(' and ')}: addresses come all from the environment or all from the local stack`
  return missing.map(env => ({ env, mistake: beside }))
}

export function addressesOf(config: Config, local: Addresses | null, ended: readonly string[] = []): Addresses {
  const mistakes = addressMistakes(config, local === null ? { ended } : 'runs')
  if (mistakes.length > 0) throw new TributaryError('CONFIG_INVALID', mistakes.map(({ env, mistake }) => `${env} ${mistake}`).join('; '))
  return usesLocalStack(config) ? local! : { brokers: config.brokers!, registry: config.registry!, s3: namedS3(config) }
}

/** S3 as the environment names it; the AWS SDK finds the credentials. */
export const namedS3 = (config: Config): S3Address => ({
  endpoint: config.s3Endpoint ?? '',
  region: config.s3Region,
  accessKeyId: '',
  secretAccessKey: '',
})
