/** How many bytes of open rows all tasks of a sink process hold together, and how many datasets catch up at once. */
export interface OpenBudget {
  /** One task's part of it, until it is closed. */
  share(): OpenShare
  /** Datasets that may catch up together in one task, when all tasks have as much to do. */
  readonly together: number
}

export interface OpenBudgetLimits {
  readonly bytes: number
  /** Datasets that catch up take turns, so that each has room for a file of this size when it is flushed. */
  readonly fileBytes: number
  /** At most; those that have not begun yet count too. */
  readonly tasks: number
}

export interface OpenShare {
  /** Bytes of the open part files of the task, as they are in memory. */
  held: number
  /** Datasets of the task that are catching up now. */
  places: number
  /** Bytes that the task has to flush before it renders on; 0 = none. */
  excess(): number
  /** True while this many datasets of the task may catch up at once. */
  hasPlaces(count: number): boolean
  close(): void
}

/**
 * One half of the bytes goes to the tasks that need it. When it is used up, those that hold more than an equal part of it flush until they
 * hold half of one. The other half is for tasks that hold less: each may go on until it holds an equal part too, so no task waits for another
 * and none writes tiny files because another is slow. All together never hold more than `bytes` and one record's rows a task.
 */
export function makeOpenBudget({ bytes, fileBytes, tasks }: OpenBudgetLimits): OpenBudget {
  const shares = new Set<OpenShare>()
  const shared = bytes / 2
  const placesInAll = Math.floor(shared / fileBytes)
  let used = 0
  const equal = () => shared / shares.size
  return {
    together: Math.max(1, Math.floor(placesInAll / tasks)),
    share() {
      let held = 0
      const share: OpenShare = {
        get held() {
          return held
        },
        set held(now) {
          used += now - held
          held = now
        },
        places: 0,
        excess: () => (used <= shared || held <= equal() ? 0 : held - equal() / 2),
        hasPlaces(count) {
          let others = 0
          for (const other of shares) if (other !== share) others += other.places
          return others + count <= placesInAll
        },
        close() {
          share.held = 0
          shares.delete(share)
        },
      }
      shares.add(share)
      return share
    },
  }
}
