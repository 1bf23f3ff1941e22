import { randomUUID } from 'node:crypto'
import type { ObjectFolder, ObjectInfo, ObjectStore, OpenUpload } from '../../runtime/object-store.js'

const text = 'text/plain'
const read = async (stream: AsyncIterable<Buffer> | null) => {
  if (stream === null) return null
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString()
}
const all = async (list: AsyncIterable<ObjectInfo>) => {
  const found: ObjectInfo[] = []
  for await (const each of list) found.push(each)
  return found
}

/** What every object store promises, whichever it is. */
export function objectStoreContract<Store extends ObjectStore & { close?(): void }>(
  name: string,
  open: () => Store,
  /** Begins an upload in parts, as a client that dies in the middle of it. */
  leaveUpload: (store: Store, bucket: string, key: string) => Promise<void>,
): void {
  describe(`object store: ${name}`, () => {
    const bucket = `contract-${randomUUID()}`
    let store: Store
    beforeAll(async () => {
      store = open()
      await store.ensureBucket(bucket)
      await store.ensureBucket(bucket)
    })
    afterAll(() => store.close?.())

    test('what was put is read back, replaced by another put, and described', async () => {
      await store.put(bucket, 'a/one', Buffer.from('first'), text)
      await store.put(bucket, 'a/one', Buffer.from('second, longer'), text)
      expect((await store.get(bucket, 'a/one'))?.toString()).toBe('second, longer')
      const head = await store.head(bucket, 'a/one')
      expect(head).toMatchObject({ key: 'a/one', size: 14 })
      expect(head!.etag).not.toMatch(/"/)
      expect(Math.abs(head!.modified - Date.now())).toBeLessThan(60_000)
    })

    test('what is not there is null', async () => {
      expect(await store.get(bucket, 'nothing')).toBeNull()
      expect(await store.head(bucket, 'nothing')).toBeNull()
      expect(await store.stream(bucket, 'nothing', 'etag', 0)).toBeNull()
    })

    test('a bucket that is not there is refused: it says nothing about what is in it', async () => {
      const nowhere = `${bucket}-nowhere`
      const asked: readonly (() => Promise<unknown>)[] = [
        () => store.head(nowhere, 'key'),
        () => store.get(nowhere, 'key'),
        () => store.stream(nowhere, 'key', 'etag', 0),
        () => all(store.list(nowhere, '')),
        () => store.put(nowhere, 'key', Buffer.from('x'), text),
        () => store.create(nowhere, 'key', Buffer.from('x'), text),
        () => store.replace(nowhere, 'key', Buffer.from('x'), text, 'etag'),
        () => store.replace(nowhere, 'key', Buffer.from('x'), text, null),
      ]
      for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'S3_BUCKET_MISSING' })
    })

    test('create writes a free name once: of sixteen at the same time exactly one wins, and its content stays', async () => {
      const won = await Promise.all(
        Array.from({ length: 16 }, async (_, i) => ((await store.create(bucket, 'race', Buffer.from(`writer ${i}`), text)) ? i : -1)),
      )
      const winners = won.filter(i => i >= 0)
      expect(winners).toHaveLength(1)
      expect((await store.get(bucket, 'race'))?.toString()).toBe(`writer ${winners[0]}`)
      expect(await store.create(bucket, 'race', Buffer.from('late'), text)).toBe(false)
    })

    test('replace writes over the version that it was told of, and over no other', async () => {
      const first = await store.replace(bucket, 'copy', Buffer.from('one'), text, null)
      expect(first).toBe((await store.head(bucket, 'copy'))!.etag)
      expect(await store.replace(bucket, 'copy', Buffer.from('not new'), text, null)).toBeNull()
      const second = await store.replace(bucket, 'copy', Buffer.from('two'), text, first)
      expect(second).toBe((await store.head(bucket, 'copy'))!.etag)
      // Late: it knows only the first.
      expect(await store.replace(bucket, 'copy', Buffer.from('late'), text, first)).toBeNull()
      expect((await store.get(bucket, 'copy'))?.toString()).toBe('two')
      await store.delete(bucket, ['copy'])
      expect(await store.replace(bucket, 'copy', Buffer.from('gone'), text, second)).toBeNull()
      expect(await store.get(bucket, 'copy')).toBeNull()
    })

    test('a stream reads from any byte, of the named version only', async () => {
      await store.put(bucket, 'versions', Buffer.from('0123456789'), text)
      const first = (await store.head(bucket, 'versions'))!
      expect(await read(await store.stream(bucket, 'versions', first.etag, 0))).toBe('0123456789')
      expect(await read(await store.stream(bucket, 'versions', first.etag, 7))).toBe('789')
      await store.put(bucket, 'versions', Buffer.from('other content'), text)
      expect(await store.stream(bucket, 'versions', first.etag, 7)).toBeNull()
    })

    test('a listing has everything below a prefix, in order, over several pages', async () => {
      const keys = Array.from({ length: 1100 }, (_, i) => `many/${String(i).padStart(5, '0')}`)
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map(key => store.put(bucket, key, Buffer.from('x'), text)))
      const found = await all(store.list(bucket, 'many/'))
      expect(found.map(each => each.key)).toEqual(keys)
      expect(found[0]).toMatchObject({ size: 1 })
      expect(await all(store.list(bucket, 'none/'))).toEqual([])
    })

    test('uploads that were begun and not completed are told, and end when they are aborted', async () => {
      const began = Date.now()
      const keys = ['parts/one', 'parts/two', 'partly/other']
      for (const key of keys) await leaveUpload(store, bucket, key)
      const uploads = async (prefix: string) => {
        const found: OpenUpload[] = []
        for await (const upload of store.openUploads(bucket, prefix)) found.push(upload)
        return found.sort((a, b) => (a.key < b.key ? -1 : 1))
      }
      const open = await uploads('parts/')
      expect(open.map(({ key }) => key)).toEqual(['parts/one', 'parts/two'])
      // The server's clock and ours may differ.
      for (const { begun } of open) expect(Math.abs(begun - began)).toBeLessThan(60_000)
      expect(await all(store.list(bucket, 'part'))).toEqual([])
      await store.abortUpload(bucket, open[0]!)
      await store.abortUpload(bucket, open[0]!)
      expect((await uploads('')).map(({ key }) => key)).toEqual(['partly/other', 'parts/two'])
    })

    test('a listing begins behind a key, whether it is there or not', async () => {
      await Promise.all(['a/1', 'a/2', 'a/3/x', 'b/1'].map(key => store.put(bucket, `from/${key}`, Buffer.from('x'), text)))
      const behind = async (after: string) => (await all(store.list(bucket, 'from/a/', `from/${after}`))).map(each => each.key)
      expect(await behind('a/1')).toEqual(['from/a/2', 'from/a/3/x'])
      expect(await behind('a/2.5')).toEqual(['from/a/3/x'])
      expect(await behind('a/9')).toEqual([])
      expect(await behind('a/')).toEqual(['from/a/1', 'from/a/2', 'from/a/3/x'])
    })

    test('browsing tells objects and folders, each folder once, over several pages', async () => {
      const deep = Array.from({ length: 1050 }, (_, i) => `tree/${String(i).padStart(5, '0')}/leaf`)
      for (let i = 0; i < deep.length; i += 50)
        await Promise.all(deep.slice(i, i + 50).map(key => store.put(bucket, key, Buffer.from('x'), text)))
      await Promise.all(['tree/00000/other', 'tree/zz-object'].map(key => store.put(bucket, key, Buffer.from('xy'), text)))
      const entries: (ObjectInfo | ObjectFolder)[] = []
      for await (const entry of store.browse(bucket, 'tree/')) entries.push(entry)
      const folders = entries.flatMap(entry => ('folder' in entry ? entry.folder : []))
      expect(folders.sort()).toEqual(deep.map(key => key.slice(0, -4)))
      expect(entries.filter(entry => !('folder' in entry))).toMatchObject([{ key: 'tree/zz-object', size: 2 }])
    })

    test('deleting removes what is there and minds nothing else', async () => {
      await store.put(bucket, 'gone', Buffer.from('x'), text)
      await store.delete(bucket, ['gone', 'never there'])
      expect(await store.get(bucket, 'gone')).toBeNull()
    })
  })
}
