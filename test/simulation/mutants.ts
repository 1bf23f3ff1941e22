/** One mistake, made by replacing texts. */
export interface Mutant {
  readonly name: string
  /** `from` must be there exactly once: a mutant that changes nothing would prove nothing. */
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[]
}

export const mutants: readonly Mutant[] = [
  {
    name: 'sink commits before it uploads',
    changes: [
      {
        file: 'runtime/sink/flush.ts',
        from: 'jobs.push(uploads.create(record.key, body, sha256, member.format.contentType).then(() => uploaded))',
        to: 'void uploads.create(record.key, body, sha256, member.format.contentType).catch(() => undefined); jobs.push(Promise.resolve(uploaded))',
      },
    ],
  },
  {
    name: 'route merges its state before the commit',
    changes: [
      {
        file: 'runtime/route/route-task.ts',
        from: '  await tx.commit()\n',
        to: '  store.merge(batch.seenKeys, { cluster: deps.clusterId, topicId: deps.seenTopicId, position, changelog: seenAt ? seenAt.last + 1 : changelog, ...owner, mergedAt: 0 })\n  await tx.commit()\n',
      },
    ],
  },
  {
    name: 'a claim fences nobody',
    changes: [
      {
        file: 'runtime/memory/memory-coordinator.ts',
        from: '    producer.epoch++\n    producer.lastEpoch = -1\n',
        to: '    if (producer.epoch < 0) producer.epoch++\n',
      },
    ],
  },
  {
    name: 'a failed transactional writer is used again without recover',
    changes: [
      {
        file: 'runtime/task.ts',
        from: 'await tx.recover()',
        to: 'Reflect.get(tx, "forgive")?.call(tx)',
      },
      {
        file: 'runtime/memory/memory-writers.ts',
        from: '  async close(): Promise<void> {\n    this.#unknown = true\n',
        to: '  forgive(): void {\n    this.#unknown = false\n  }\n\n  async close(): Promise<void> {\n    this.#unknown = true\n',
      },
    ],
  },
  {
    name: 'route resumes from memory, not from the committed position',
    changes: [
      {
        file: 'runtime/route/route-task.ts',
        from: '  let { position, changelog } = restored\n',
        to: '  let { position, changelog } = restored\n  const memory: Map<number, number> = (Reflect.get(deps, "memory") as Map<number, number>) ?? new Map<number, number>()\n  Reflect.set(deps, "memory", memory)\n  position = Math.max(position, memory.get(partition) ?? 0)\n',
      },
      {
        file: 'runtime/route/route-task.ts',
        from: '    position = fetched!.next\n',
        to: '    position = fetched!.next\n    memory.set(partition, position)\n',
      },
    ],
  },
  {
    name: 'publish writes an older fold',
    changes: [
      {
        file: 'runtime/publish/publisher.ts',
        from: '    if (last !== null && !notBehind(next, last)) return\n',
        to: '',
      },
    ],
  },
  {
    name: 'sealed is written without waiting for route',
    changes: [
      {
        file: 'runtime/backfill/backfill.ts',
        from: 'const passed = await routeIsPast(services, ends, options.wait ? Number.POSITIVE_INFINITY : patienceMs, events, signal)',
        to: 'const passed = true; void routeIsPast; void ends; void patienceMs',
      },
    ],
  },
  {
    name: 'an upload that finds the name taken is lost',
    changes: [
      {
        file: 'runtime/sink/uploads.ts',
        from: 'if (found !== sha256) throw',
        to: 'if (found !== "") throw',
      },
    ],
  },
]
