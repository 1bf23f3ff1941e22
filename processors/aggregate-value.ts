import type { Aggregate, Json } from './aggregate.js'

/**
 * How a value in an aggregate's memory is kept: the version of the aggregate, a space, JSON. Kafka UI shows it as it is.
 * A value of an older version is brought up as it is read, one version at a time; it is written in the new one with the next event.
 */
export function encodeValue(aggregate: Pick<Aggregate, 'version'>, value: Json): Buffer {
  return Buffer.from(`${aggregate.version} ${JSON.stringify(value)}`)
}

/** @throws {RangeError} for a version that this release does not know: a newer one has written it. */
export function decodeValue(
  { name, version, upgrades }: Pick<Aggregate, 'name' | 'version' | 'upgrades'>,
  key: string,
  bytes: Buffer,
): Json {
  const text = bytes.toString('utf8')
  const space = text.indexOf(' ')
  const written = Number(text.slice(0, space))
  let value = JSON.parse(text.slice(space + 1)) as Json
  for (let at = written; at !== version; at++) {
    const upgrade = upgrades[at]
    if (upgrade === undefined) throw new RangeError(`reading the memory of ${name}: version ${written}, and this release has ${version}`)
    value = upgrade(key, value)
  }
  return value
}
