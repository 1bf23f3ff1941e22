import type { PlacedRecord } from '../../producers/line-record.js'
import type { LogWriter, OutRecord, PartitionBatch } from '../log.js'

/** Gathers records per partition and sends them in large requests: one under way, one filling. Memory: twice `batchBytes`. */
export interface Sender {
  add(topic: string, record: PlacedRecord): void
  /** Runs after everything added so far is acknowledged, before anything later is sent. */
  afterAck(then: () => Promise<void> | void): void
  /** Resolves when there is room to add more. Throws what a send has thrown. */
  room(): Promise<void>
  /** Sends what is there now and resolves when that is acknowledged, whatever others add meanwhile. */
  flush(): Promise<void>
  /** Sends until nothing is left and resolves when all is acknowledged. */
  drain(): Promise<void>
}

export function makeSender(writer: LogWriter, batchBytes: number, afterSend: () => Promise<void> | void): Sender {
  let filling = new Map<string, { topic: string; partition: number; records: OutRecord[] }>()
  let callbacks: (() => Promise<void> | void)[] = []
  let bytes = 0
  let underWay: Promise<void> = Promise.resolve()
  let turn: Promise<void> = Promise.resolve()

  /** Several readers may ask at once; swaps happen one after another, each after the send before it. */
  function swap(): Promise<void> {
    turn = turn.then(swapNow)
    turn.catch(() => undefined)
    return turn
  }

  async function swapNow(): Promise<void> {
    await underWay
    const batches: PartitionBatch[] = [...filling.values()]
    const done = callbacks
    filling = new Map()
    callbacks = []
    bytes = 0
    underWay = (async () => {
      if (batches.length > 0) {
        await writer.send(batches)
        await afterSend()
      }
      for (const then of done) await then()
    })()
    // Whoever waits next sees the error; nobody else must.
    underWay.catch(() => undefined)
  }

  return {
    add(topic, record) {
      const place = `${topic}/${record.partition}`
      let batch = filling.get(place)
      if (batch === undefined) {
        batch = { topic, partition: record.partition, records: [] }
        filling.set(place, batch)
      }
      batch.records.push(record)
      bytes += record.value.length + 200
    },
    afterAck: then => {
      callbacks.push(then)
    },
    async room() {
      if (bytes >= batchBytes) await swap()
    },
    async flush() {
      if (filling.size > 0 || callbacks.length > 0) await swap()
      await underWay
    },
    async drain() {
      while (filling.size > 0 || callbacks.length > 0) await swap()
      await underWay
    },
  }
}
