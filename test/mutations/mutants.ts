/** One mistake, made by replacing texts. */
export interface Mutant {
  readonly name: string
  /** The test file of the normal run that has to see it; absent = the seeds of the simulation. It must need no servers. */
  readonly seenBy?: string
  /** `from` must be there exactly once: a mutant that changes nothing would prove nothing. */
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[]
}

const matrix = 'test/simulation/crash-matrix.test.ts'

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
        to: '  store.merge({ puts: seenEntries(batch.seenKeys) }, { position, changelog: seenAt ? seenAt.last + 1 : changelog, owner })\n  await tx.commit()\n',
      },
    ],
  },
  {
    name: 'the claim is skipped: it fences nobody',
    changes: [
      {
        file: 'runtime/memory/memory-coordinator.ts',
        from: '    producer.epoch++\n    producer.lastEpoch = -1\n',
        to: '    if (producer.epoch < 0) producer.epoch++\n',
      },
    ],
  },
  {
    name: 'the claim is put off until something is written, after the position was read',
    changes: [
      {
        file: 'runtime/task.ts',
        from: 'if (tx === null) tx = await deps.log.claim(task.transactionalId)',
        to: `if (tx === null) {
          let claimed: Promise<TransactionalWriter> | null = null
          const claim = () => (claimed ??= deps.log.claim(task.transactionalId))
          tx = {
            transactionalId: task.transactionalId,
            producerId: 0,
            epoch: 0,
            send: async batches => (await claim()).send(batches),
            commit: async () => (await claim()).commit(),
            abort: async () => (await claim()).abort(),
            settle: async () => [],
            requireSettled: async () => undefined,
            recover: async () => { claimed = null },
            close: async () => undefined,
          }
        }`,
      },
    ],
  },
  {
    name: 'what a broker left open is not ended after the claim',
    changes: [{ file: 'runtime/task.ts', from: 'await tx.settle(task.writes))', to: 'await tx.settle([]))' }],
  },
  {
    name: 'nobody looks for what was left open while there is nothing to write',
    seenBy: 'test/runtime/left-open-when-idle.test.ts',
    changes: [{ file: 'runtime/task.ts', from: '      await tx.requireSettled()\n', to: '' }],
  },
  {
    name: 'a transaction begins on top of one that was left open',
    changes: [{ file: 'runtime/memory/memory-writers.ts', from: '      if (!this.#sent) await this.requireSettled()\n', to: '' }],
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
    name: 'an EndTxn that arrives late ends the transaction after its own, as it did before protocol 2',
    changes: [
      {
        file: 'runtime/memory/memory-coordinator.ts',
        from: "  end(id: string, epoch: number, state: 'committed' | 'aborted', now: number): number {\n    const producer = this.#current(id, epoch)\n",
        to: "  end(id: string, _epoch: number, state: 'committed' | 'aborted', now: number): number {\n    const producer = this.#producers.get(id)!\n",
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
    name: 'the sink resumes from memory, not from the committed records',
    changes: [
      {
        file: 'runtime/sink/sink-task.ts',
        from: 'const records = await readSinkRecords(deps.log, topic, partition)',
        to: "const memory = (Reflect.get(deps, 'memory') ?? new Map()) as Map<number, Awaited<ReturnType<typeof readSinkRecords>>>\n      Reflect.set(deps, 'memory', memory)\n      const records = memory.get(partition) ?? (await readSinkRecords(deps.log, topic, partition))\n      memory.set(partition, records)",
      },
    ],
  },
  {
    name: 'route trusts group offsets',
    changes: [
      {
        file: 'runtime/route/restore-route.ts',
        from: '  return { store, position, changelog, ledger, ends }\n',
        to: "  const group = deps.naming.prefix + 'tributary-route-g' + deps.naming.generation\n  const hinted: ReadonlyMap<number, number> = Reflect.get(deps.log, 'hinted').call(deps.log, group, topicName('xapi', deps.naming))\n  return { store, position: hinted.get(partition) ?? position, changelog, ledger, ends }\n",
      },
    ],
  },
  {
    name: 'the sink trusts group offsets',
    changes: [
      {
        file: 'runtime/sink/sink-state.ts',
        from: '    live: makeCohort(topics, records.live.next, []),\n',
        to: "    live: makeCohort(topics, Object.fromEntries(topics.map(topic => [topic, Reflect.get(deps.log, 'hinted').call(deps.log, deps.naming.prefix + 'tributary-sink-g' + deps.naming.generation, topic + '.g' + deps.naming.generation).get(partition) ?? records.live.next[topic]])), []),\n",
      },
    ],
  },
  {
    name: 'publish writes an older fold',
    changes: [
      {
        file: 'runtime/publish/publisher.ts',
        from: '  if (last !== null && !mayFollow(next, last)) return\n',
        to: '',
      },
    ],
  },
  {
    name: 'publish writes an older fold of runs and books',
    changes: [{ file: 'runtime/publish/publisher.ts', from: ' && noLess(next.alsoFolded, last.alsoFolded)', to: '' }],
  },
  {
    name: 'publish forgets through when it was complete',
    changes: [
      {
        file: 'runtime/publish/compose.ts',
        from: 'times.through(partition, xapi, received, publishedReach(last, producer, partition))',
        to: 'times.through(partition, xapi, received, null)',
      },
    ],
  },
  {
    name: 'a manifest number is replaced when it is taken',
    changes: [
      {
        file: 'runtime/publish/published.ts',
        from: 'const created = await store.create(bucket, manifestVersionKey(dataset, manifest.version), Buffer.from(manifestText(manifest)), json)',
        to: 'const created = true\n      await store.put(bucket, manifestVersionKey(dataset, manifest.version), Buffer.from(manifestText(manifest)), json)',
      },
    ],
  },
  {
    name: 'sealed is written without waiting for route',
    changes: [
      {
        file: 'runtime/backfill/backfill.ts',
        from: 'const passed = await waiting.route(ends)',
        to: 'const passed = true; void ends',
      },
    ],
  },
  {
    name: 'a twin that wakes up late unseals its run',
    seenBy: matrix,
    changes: [
      {
        file: 'schemas/sources.ts',
        from: "former?.state === 'sealed' ? former : record",
        to: 'former === record ? former : record',
      },
    ],
  },
  {
    name: 'route passes a misplaced record before its copy is acknowledged',
    changes: [
      {
        file: 'runtime/route/route-task.ts',
        from: 'await deps.mover.send(batch.misplaced)',
        to: 'void deps.mover.send(batch.misplaced).catch(() => undefined)',
      },
    ],
  },
  {
    name: 'gc removes a piece whose transaction may still come',
    seenBy: 'test/sinks/garbage.test.ts',
    changes: [
      { file: 'sinks/garbage.ts', from: 'return lastOffset < facts.next && !within ?', to: 'return lastOffset < Infinity && !within ?' },
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
  {
    name: 'a bucket is listed before it is uploaded',
    changes: [
      {
        file: 'runtime/sink/snapshot/bucket-files.ts',
        from: '  await deps.uploads.create(record.key, body, sha256, snapshot.format.contentType)\n',
        to: '  void deps.uploads.create(record.key, body, sha256, snapshot.format.contentType).catch(() => undefined)\n',
      },
    ],
  },
  {
    name: 'progress of a snapshot tells what the table holds when the pass ends',
    changes: [
      { file: 'runtime/sink/snapshot/pass.ts', from: 'table.coverage.advance(pass.folded,', to: 'table.coverage.advance(table.folded,' },
      { file: 'runtime/sink/snapshot/pass.ts', from: '{ next: pass.next, ...table', to: '{ next: table.next, ...table' },
    ],
  },
  {
    name: 'a bucket is read between two records of one transaction',
    changes: [
      {
        file: 'runtime/sink/snapshot/due.ts',
        from: 'if (!table.whole || !table.knowsLedger || isBehind(table)) continue',
        to: 'if (!table.knowsLedger || isBehind(table)) continue',
      },
    ],
  },
  {
    name: 'what had changed when a pass was broken off is taken for written',
    changes: [
      {
        file: 'runtime/sink/snapshot/snapshot.ts',
        from: 'of, changed: null, joined }',
        to: 'of, changed: joined ? new Set() : null, joined }',
      },
    ],
  },
  {
    name: 'a deleted dataset that had no files is still said to be joined',
    changes: [
      {
        file: 'runtime/sink/snapshot/pass.ts',
        from: '    joinedOf(state),\n    work.map',
        to: '    { ...records.live.joined, ...joinedOf(state) },\n    work.map',
      },
    ],
  },
  {
    name: 'a follow that is told to end before it looks for anything waits for ever',
    changes: [
      {
        file: 'runtime/follow/reading-pool.ts',
        from: '    if (signal.aborted) stopped()\n    else signal',
        to: '    signal',
      },
    ],
    seenBy: 'test/runtime/follow/follow.test.ts',
  },
  {
    name: 'the position of an aggregate comes before its states',
    changes: [
      {
        file: 'runtime/aggregate/commit.ts',
        from: 'return [...records, ...passed, position]',
        to: 'return [position, ...passed, ...records]',
      },
    ],
  },
  {
    name: 'the standing of an aggregate is not in the transaction',
    changes: [
      {
        file: 'runtime/aggregate/commit.ts',
        from: 'partition, records: changes }])',
        to: "partition, records: changes.filter(({ key }) => !key!.toString().startsWith('position')) }])",
      },
    ],
  },
  {
    name: 'an aggregate merges into its store before the commit',
    changes: [
      {
        file: 'runtime/aggregate/commit.ts',
        from: '  await tx.commit()\n',
        to: '  store.merge(changeOf(changes), { position: null, changelog: appended.at(-1)!.last + 1, owner })\n  await tx.commit()\n',
      },
    ],
  },
  {
    name: 'states are sent without the changelog',
    changes: [
      {
        file: 'runtime/aggregate/commit.ts',
        from: "tx.send([...outputs, { topic: topicName('aggregate-changelog', deps.naming), partition, records: changes }])",
        to: 'tx.send(outputs)',
      },
      {
        file: 'runtime/aggregate/commit.ts',
        from: '  state.changelog = appended.at(-1)!.last + 1\n',
        to: '',
      },
    ],
  },
]
