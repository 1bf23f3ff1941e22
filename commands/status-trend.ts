import type { Standing, Status } from '../runtime/status.js'
import type { GroupedRole } from '../schemas/topics.js'

/** What a watched status is compared with: the samples of the last minutes. */
export interface Trend {
  sample(status: Status): void
  /** Of the last half minute; null = there is nothing to compare with yet. */
  of(role: Stage): RoleTrend | null
  /** Ages of a dataset in the samples that know one, seconds, oldest first. */
  ages(dataset: string): readonly number[]
}

export interface RoleTrend {
  /** `xapi` records done a second, of aggregates events. */
  readonly rate: number
  /** By how many the lag grows a second; negative = it shrinks. */
  readonly lagRate: number
  /** Seconds until the lag is gone at this pace; null = it does not shrink, or there is none. */
  readonly secondsLeft: number | null
  /** Lags of the samples, oldest first. */
  readonly lags: readonly number[]
}

type Stage = Exclude<GroupedRole, 'publish'>

interface Sample {
  readonly at: number
  readonly stages: Readonly<Record<Stage, Standing>>
  readonly ages: ReadonlyMap<string, number>
}

const most = 60
const windowMs = 30_000

export function makeTrend(): Trend {
  const samples: Sample[] = []
  return {
    sample(status) {
      const { routeLag, aggregateLag, sinkLag } = status.totals
      // What is known in part would show a pace that there is not.
      if (routeLag === undefined || aggregateLag === undefined || sinkLag === undefined) return
      const position = (role: Stage) => status.partitions.reduce((sum, each) => sum + (each[role]?.position ?? 0), 0)
      samples.push({
        at: Date.parse(status.at),
        stages: {
          route: { position: position('route'), lag: routeLag },
          aggregate: { position: position('aggregate'), lag: aggregateLag },
          sink: { position: position('sink'), lag: sinkLag },
        },
        ages: new Map(status.datasets.flatMap(({ id, ageSeconds }) => (ageSeconds == null ? [] : [[id, ageSeconds]]))),
      })
      if (samples.length > most) samples.shift()
    },
    of(role) {
      const last = samples.at(-1)
      const first = samples.find(each => last !== undefined && last.at - each.at <= windowMs)
      if (last === undefined || first === undefined || last.at <= first.at) return null
      const seconds = (last.at - first.at) / 1000
      const lagRate = (last.stages[role].lag - first.stages[role].lag) / seconds
      return {
        rate: (last.stages[role].position - first.stages[role].position) / seconds,
        lagRate,
        secondsLeft: lagRate < 0 && last.stages[role].lag > 0 ? last.stages[role].lag / -lagRate : null,
        lags: samples.map(each => each.stages[role].lag),
      }
    },
    ages: dataset => samples.flatMap(({ ages }) => ages.get(dataset) ?? []),
  }
}
