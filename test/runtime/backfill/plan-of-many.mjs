// A plan over N objects of which every third is in the ledger, read to its end: node plan-of-many.mjs DIST N FOLDER
const [dist, n, folder] = [process.argv[2], Number(process.argv[3]), process.argv[4]]
const { freezePlan } = await import(`${dist}/runtime/backfill/plan-backfill.js`)
const { torusObjects } = await import(`${dist}/producers/torus-objects.js`)

const hex = (i, digits) => i.toString(16).padStart(digits, '0').toUpperCase()
const sections = 5000
/** In the order of the keys, as a store lists them: section by section. */
function* objects() {
  for (let section = 0; section < sections; section++)
    for (let i = section; i < n; i += sections) {
      const time = new Date(1.7e12 + i * 30_000).toISOString().replaceAll(':', '-').slice(0, -1)
      const key = `section/${hex(section, 4)}/attempt_evaluated/${time}456Z_${hex(i, 32)}.jsonl`
      yield { key, size: 80_000, etag: hex(i, 32), modified: 1.7e12 + i * 30_000, i }
    }
}
const entry = ({ etag }) => ({
  etag,
  size: 80_000,
  lines: 50,
  blank: 0,
  published: 50,
  refused: {},
  run: 'r',
  at: '2025-01-01T00:00:00Z',
  topicId: 'x',
})
const records = function* () {
  let offset = 0
  for (const object of objects())
    if (object.i % 3 === 0)
      yield {
        offset: offset++,
        timestamp: 0,
        key: Buffer.from(`b/${object.key}`),
        value: Buffer.from(JSON.stringify(entry(object))),
        headers: [],
      }
}
const log = {
  describeTopics: async () => new Map([['xapi', { id: 'x' }]]),
  watermarks: async () => new Map([[0, { low: 0, stable: Math.ceil(n / 3), high: Math.ceil(n / 3) }]]),
  reader: () => {
    const all = records()
    return {
      async fetch([{ topic, partition, offset }]) {
        const batch = []
        for (let i = 0; i < 1000; i++) {
          const { done, value } = all.next()
          if (done) break
          batch.push(value)
        }
        return [{ topic, partition, records: batch, next: offset + batch.length, low: 0, stable: Math.ceil(n / 3), high: Math.ceil(n / 3) }]
      },
      close: async () => undefined,
    }
  },
}
const store = {
  async *list() {
    yield* objects()
  },
}
const services = { naming: { prefix: '', generation: 1 }, config: { partitions: 1, dataDir: folder }, store, log }
const request = { bucket: 'b', sections: [], prefix: 'section/', categories: [], since: null, until: null, limitRate: null, again: false }
const began = performance.now()
const plan = await freezePlan(services, torusObjects, request)
const planned = performance.now()
let [read, last, inOrder] = [0, 0, true]
for (let object = await plan.read.next(); object !== undefined; object = await plan.read.next()) {
  read++
  inOrder &&= object.uploaded >= last
  last = object.uploaded
}
await plan.read.close()
const seconds = [planned - began, performance.now() - planned].map(ms => Math.round(ms / 1000))
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(
  JSON.stringify({ objects: plan.objects, skipped: plan.skipped, read, inOrder, sections: plan.sections.length, peakMb, seconds }),
)
