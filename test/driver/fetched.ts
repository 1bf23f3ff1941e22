import type { Log, LogReader } from '../../runtime/log.js'

/** Counts what is read through a log: bytes of keys and values by topic. */
export function countingLog(log: Log, bytes: Map<string, number>): Log {
  const reader = (): LogReader => {
    const inner = log.reader()
    return {
      async fetch(positions, limits) {
        const fetched = await inner.fetch(positions, limits)
        for (const { topic, records } of fetched) {
          const size = records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0)
          bytes.set(topic, (bytes.get(topic) ?? 0) + size)
        }
        return fetched
      },
      close: () => inner.close(),
    }
  }
  return withReader(log, reader)
}

/** The log with other readers. */
export function withReader(log: Log, reader: () => LogReader): Log {
  // Bound to the log itself, whose fields are private.
  return new Proxy(log, {
    get(target, name) {
      if (name === 'reader') return reader
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
