import { facts, type Source, sources } from './sources.js'

const product = /^(main\.ts|config\.ts|topology\.ts|(schemas|producers|processors|sinks|runtime|commands|stack|demo|verify)\/)/
const inProduct = (path: string) => product.test(path) && !path.startsWith('runtime/memory/')

/**
 * Who may ask what time of day it is, and what for. None of them makes an interval of it: a wall clock that is set back by an hour would
 * stop the pipeline for that hour (`Clock.monotonic` is for intervals and deadlines).
 */
const mayAsk: Readonly<Record<string, string>> = {
  'runtime/clock.ts': 'it is the clock',
  'commands/run-log.ts': 'stamps of a log',
  'runtime/backfill/backfill.ts': 'stamps of a run, and its id',
  'runtime/datasets/pin.ts': 'stamps of a pin',
  'runtime/datasets/read.ts': 'age of a dataset, shown to people',
  'runtime/dead-letters/discard.ts': 'stamp of a decision',
  'runtime/dead-letters/replay.ts': 'stamp of a decision',
  'runtime/follow/follow.ts': 'beside upload times of the object store, and a stamp',
  'runtime/follow/queue-finder.ts': 'an upload time, until the store says which',
  'runtime/gc/at-work.ts': 'a stamp, and whether the machine has slept: that ends the run sooner',
  'runtime/gc/collect-garbage.ts': 'beside upload times of the object store',
  'runtime/kafka/produce-request.ts': 'a stamp that brokers replace',
  'runtime/publish/publisher.ts': 'stamps of a manifest and of a record',
  'runtime/read-status.ts': 'ages, shown to people',
  'runtime/sources/object-reader.ts': 'stamps: when a line was read',
  'runtime/state/task-store.ts': 'stamp of a merge, beside the age of tombstones after a restart',
  'stack/object-store.ts': 'an S3 signature',
  'demo/demo-world.ts': 'stamp of a start',
  'demo/demo.ts': 'names of a run',
  'demo/live-event.ts': 'the time of an event',
}

const asks = ({ uses }: Source) => uses.has('.now') || uses.has('new Date()')

test('the wall clock is asked for stamps only, by those who are listed', () => {
  const found = sources.filter(source => inProduct(source.path) && asks(source)).map(({ path }) => path)
  expect(found.sort()).toEqual(Object.keys(mayAsk).sort())
})

test('nobody passes the clock by', () => {
  const clocks = ['runtime/clock.ts', 'stack/object-store.ts']
  const past = sources.filter(({ path, uses }) => inProduct(path) && (uses.has('Date.now') || uses.has('new Date()')))
  expect(past.map(({ path }) => path)).toEqual(clocks)
})

test('the rule sees what it looks for', () => {
  const asking = (text: string) => facts(text, 'runtime/x.ts').uses.has('.now')
  for (const text of ['clock.now()', 'deps.clock.now()', 'this.#clock.now() - 5', 'use(clock.now)', 'Date.now()'])
    expect([text, asking(text)]).toEqual([text, true])
  for (const text of ['performance.now()', 'clock.monotonic()', 'now()', 'facts.now']) expect([text, asking(text)]).toEqual([text, false])
})
