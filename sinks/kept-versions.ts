/** A numbered manifest as it lies in the bucket. One that was cleared has no bytes. */
export interface StoredVersion {
  readonly version: number
  readonly bytes: number
  /** Upload time, ms. */
  readonly modified: number
}

export interface KeptVersions {
  /** Of the last 24 hours, the newest, and the one that `manifest.json` is a copy of; ascending. */
  readonly lately: readonly number[]
  /** The last one of each earlier day (UTC), 30 days back. */
  readonly daily: readonly number[]
  /** Of the others those that are pinned: for ever. */
  readonly pinned: readonly number[]
  /** To be cleared: the number stays taken. */
  readonly cleared: readonly number[]
}

const dayMs = 86_400_000
/** Every version stays readable for so long. */
export const keptMs = dayMs
const dailyDays = 30

/** Which versions of a dataset stay readable. Of a deleted dataset none stays for being the newest. */
export function keptVersions(
  versions: readonly StoredVersion[],
  at: { readonly now: number; readonly shown: number | null; readonly deleted: boolean; readonly pinned?: ReadonlySet<number> },
): KeptVersions {
  const whole = versions.filter(({ bytes }) => bytes > 0).sort((a, b) => a.version - b.version)
  const current = at.deleted ? [] : [whole.at(-1)?.version, at.shown]
  const isLate = ({ version, modified }: StoredVersion) => modified > at.now - keptMs || current.includes(version)
  const lastOfDay = new Map<number, number>()
  for (const { version, modified } of whole) if (modified > at.now - dailyDays * dayMs) lastOfDay.set(Math.floor(modified / dayMs), version)
  const ofDay = new Set(lastOfDay.values())
  const lately = whole.filter(isLate).map(({ version }) => version)
  const others = whole.filter(stored => !isLate(stored)).map(({ version }) => version)
  const daily = others.filter(version => ofDay.has(version))
  const rest = others.filter(version => !ofDay.has(version))
  const isPinned = (version: number) => at.pinned?.has(version) ?? false
  return { lately, daily, pinned: rest.filter(isPinned), cleared: rest.filter(version => !isPinned(version)) }
}
