import type { Event } from '../../schemas/event.js'
import { headers as names } from '../../schemas/headers.js'
import { type EventTopicId, eventTopicIds, topicName } from '../../schemas/topics.js'
import { homePartition } from './home-partition.js'
import { type Check, type PartitionView, sectionBook } from './partition-view.js'
import { logEnds, readLog } from './read-log.js'
import type { LogEntry } from './record-batches.js'
import { addEvent } from './route-books.js'

/** Reads the events of a partition: no id twice, each in its home, each from an `xapi` record of the same partition. */
export async function collectEvents(check: Check, view: PartitionView): Promise<void> {
  const { wire, naming } = check.target
  for (const id of eventTopicIds) {
    const topic = topicName(id, naming)
    const { low, stable } = await logEnds(wire, topic, view.partition)
    for await (const record of readLog(wire, topic, view.partition, low, stable)) {
      if (record.headers.has(names.marker)) continue
      if (record.value === null) check.findings.add('event', `${topic}/${view.partition}/${record.offset} has no value`)
      else takeEvent(check, view, id, record, (await check.avro.read(record.value)) as Event)
    }
    const end = view.ledger?.position?.ends[id] ?? 0
    if (end > stable) check.findings.add('route-ledger', `${topic}/${view.partition} ends at ${stable}, below the ${end} of the ledger`)
  }
}

function takeEvent({ target, findings, counts }: Check, view: PartitionView, topic: EventTopicId, record: LogEntry, event: Event): void {
  const { partition } = view
  const place = `${topicName(topic, target.naming)}/${partition}/${record.offset}`
  const id = Buffer.from(event.id, 'hex')
  if (id.toString('hex') !== event.id || id.length !== 16) {
    findings.add('event', `${place}: its id is ${event.id}, not 32 hex digits`)
    return
  }
  if (record.headers.get(names.id) !== event.id) findings.add('event', `${place}: its header has another id`)
  const key = [event.section, event.host, event.learner].map(part => part.replaceAll('%', '%25').replaceAll('|', '%7C')).join('|')
  if (record.key?.toString() !== key || homePartition(key, target.partitions) !== partition)
    findings.add('event', `${place}: its key or partition is not that of its learner`)
  const [home, offset] = (record.headers.get(names.src) ?? '').split('/')
  const src = Number(offset || Number.NaN)
  if (home !== String(partition) || !Number.isSafeInteger(src)) {
    findings.add('event without origin', `${place}: src is ${record.headers.get(names.src) ?? 'absent'}`)
    return
  }
  if (view.events.get(id) !== undefined) {
    findings.add('event twice', `${place}: id ${event.id} is in the events already`)
    return
  }
  // What came after the ledger was read: its statement is not looked at either, only its id must stay alone.
  view.events.set(id, src)
  if (src >= view.next) return
  counts.events++
  const end = view.ledger?.position?.ends[topic] ?? 0
  if (record.offset >= end) findings.add('event', `${place}: behind the end of route's output, ${end}, but made from ${partition}/${src}`)
  addEvent(view.book, topic, event.kind, record.offset)
  addEvent(sectionBook(view, event), topic, event.kind, record.offset)
}
