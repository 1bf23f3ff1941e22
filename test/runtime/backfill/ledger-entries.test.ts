import { byBytes, readLedgerEntries } from '../../../runtime/backfill/ledger-entries.js'
import { PlanQueue } from '../../../runtime/backfill/plan-queue.js'
import { ledgerWriter } from '../../../runtime/sources/source-ledger.js'
import { makeMemoryWorld } from '../../driver/memory-world.js'

test('keys are compared as stores list them: by the bytes of their UTF-8', () => {
  const keys = ['', 'a', 'a/', 'a/b', 'ab', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '😀a', '𐀀', 'Z', '~']
  const bytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect([...keys].sort(byBytes)).toEqual(bytes)
})

test('of each object the last entry counts, and only those below the prefixes are kept', async () => {
  const { services, folder } = await makeMemoryWorld()
  const writer = await services.log.writer()
  const ledger = ledgerWriter(services, writer)
  const counts = { lines: 1, blank: 0, published: 1, refused: {} }
  const enter = (key: string, etag: string, bucket = 'b') =>
    ledger.object(
      { bucket, key, size: 1, etag, lastModified: 0, compression: 'none', uploaded: 0, section: null, category: null },
      {
        ...{ ...counts, etag, size: 1, run: 'r', at: '', topicId: 't' },
      },
    )
  for (const key of ['x/3', 'x/1', 'x/2', 'y/1', 'z/1']) await enter(key, 'old')
  await enter('x/2', 'new')
  await enter('x/1', 'foreign', 'other')
  await writer.close()
  const entries = await readLedgerEntries(services, folder, 'b', ['x/', 'z/'])
  const found: (string | undefined | null)[] = []
  for (const key of ['a', 'x/1', 'x/2', 'x/25', 'y/1', 'z/1', 'z/2']) found.push((await entries.of(key))?.etag)
  await entries.close()
  expect(found).toEqual([undefined, 'old', 'new', undefined, undefined, 'old', undefined])
})

test('the queue gives the oldest upload first, whole', async () => {
  const { folder } = await makeMemoryWorld()
  const queue = new PlanQueue(folder, 'b')
  const object = (key: string, uploaded: number) =>
    ({ bucket: 'b', key, size: 3, etag: 'e', lastModified: 4, compression: 'gzip', uploaded, section: '1', category: null }) as const
  const all = [object('c', 2), object('b', 1), object('a', 2)]
  for (const each of all) await queue.add(each)
  const sorted = await queue.sorted()
  expect([await sorted.next(), await sorted.next(), await sorted.next(), await sorted.next()]).toEqual([all[1], all[2], all[0], undefined])
  await sorted.close()
})
