import type { LogWriter, PartitionBatch } from '../../../runtime/log.js'
import { makeSender } from '../../../runtime/sources/sender.js'

/** A writer that answers when told to. */
function slowWriter() {
  const sent: string[][] = []
  const answers: (() => void)[] = []
  const writer: LogWriter = {
    send: (batches: readonly PartitionBatch[]) =>
      new Promise(resolve => {
        sent.push(batches.flatMap(batch => batch.records.map(record => String(record.value))))
        answers.push(() => resolve([]))
      }),
    close: async () => undefined,
  }
  return { writer, sent, answers }
}
const record = (value: string) => ({ partition: 0, key: null, value: Buffer.from(value), headers: [] })
const turns = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

test('one send is under way at a time, however many readers ask for room, and every callback runs after its own records', async () => {
  const { writer, sent, answers } = slowWriter()
  const done: string[] = []
  const sender = makeSender(writer, 1, () => undefined)
  const readers = ['a', 'b', 'c', 'd'].map(async name => {
    sender.add('t', record(name))
    sender.afterAck(() => {
      done.push(name)
    })
    await sender.room()
  })
  await turns()
  expect(sent).toHaveLength(1)
  // One that comes while the first send is under way waits for its answer.
  sender.add('t', record('e'))
  sender.afterAck(() => {
    done.push('e')
  })
  readers.push(sender.room())
  await turns()
  expect(sent).toHaveLength(1)
  let answered = 0
  const all = Promise.all(readers).then(() => sender.drain())
  let over = false
  const finished = all.then(() => {
    over = true
  })
  while (!over && answered < 10) {
    await turns()
    expect(answers.length).toBeLessThanOrEqual(answered + 1)
    answers[answered]?.()
    if (answers[answered]) answered++
    await turns()
    expect(new Set(done)).toEqual(new Set(sent.slice(0, answered).flat()))
  }
  await finished
  expect(sent.flat().sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(done.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('a send that broke is seen by whoever comes next, and nothing later is sent', async () => {
  let sends = 0
  const writer: LogWriter = { send: async () => Promise.reject(new Error(`broken ${++sends}`)), close: async () => undefined }
  const sender = makeSender(writer, 1, () => undefined)
  sender.add('t', record('a'))
  await sender.room()
  sender.add('t', record('b'))
  await expect(sender.room()).rejects.toThrow('broken 1')
  await expect(sender.drain()).rejects.toThrow('broken 1')
  expect(sends).toBe(1)
})
