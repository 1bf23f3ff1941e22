/** Works through the items, so many at once; the first failure ends it when what is under way has ended. */
export async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of left) await work(item)
  })
  for (const end of await Promise.allSettled(workers)) if (end.status === 'rejected') throw end.reason
}
