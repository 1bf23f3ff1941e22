import { createHash } from 'node:crypto'
import { headers as names } from '../../schemas/headers.js'
import { topicName } from '../../schemas/topics.js'
import type { Check, PartitionView } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'

/** Reads the dead letters of a partition: those of records are kept by offset, those of lines are looked up in the sources. */
export async function collectLetters({ target, findings, counts, sources }: Check, view: PartitionView): Promise<void> {
  const topic = topicName('dead-letters', target.naming)
  const xapi = topicName('xapi', target.naming)
  const { low, stable } = await logEnds(target.wire, topic, view.partition)
  for await (const { offset, headers, value, key } of readLog(target.wire, topic, view.partition, low, stable)) {
    const place = `${topic}/${view.partition}/${offset}`
    const id = headers.get(names.id) ?? ''
    const code = headers.get(names.code) ?? ''
    const body = value ?? Buffer.alloc(0)
    if (key?.toString() !== id) findings.add('dead letter', `${place}: its key is not its id`)
    counts.deadLetters++
    if (!headers.has(names.topic)) {
      const source = headers.get(names.source) ?? ''
      if (code === 'cut_off') sources.meetBroken(source)
      if (code === 'too_large' && !sources.meet(source, body, true)) findings.add('dead letter', `${place}: ${source} is not such a line`)
      continue
    }
    const from = Number(headers.get(names.offset) || Number.NaN)
    if (headers.get(names.topic) !== xapi || headers.get(names.partition) !== String(view.partition) || !Number.isSafeInteger(from))
      findings.add('dead letter', `${place}: names no record of ${xapi}/${view.partition}`)
    else if (view.letters.has(from)) findings.add('dead letter twice', `${place}: ${xapi}/${view.partition}/${from} has one already`)
    // Of a record over the message limit only the beginning is there, and the hash of the whole.
    else view.letters.set(from, { id, code, sha256: headers.get('sha256') ?? createHash('sha256').update(body).digest('hex') })
  }
}
