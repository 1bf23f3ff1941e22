/** Memory for the buckets that all tasks of a sink process render at once. */
export interface PassRoom {
  /** Null = there is no room now: other tasks render theirs. One that is alone may be as large as it is. */
  take(bytes: number): (() => void) | null
}

export function makePassRoom(most: number): PassRoom {
  let used = 0
  return {
    take(bytes) {
      if (used > 0 && used + bytes > most) return null
      used += bytes
      return () => {
        used -= bytes
      }
    },
  }
}
