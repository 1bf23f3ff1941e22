import { randomBytes } from 'node:crypto'
import type { SeenMeta, SeenStore } from '../../runtime/state/seen-store.js'

const meta = (position: number, owner: { producerId?: number; epoch?: number } = {}): SeenMeta => ({
  cluster: 'c',
  topicId: 't',
  position,
  changelog: position * 2,
  producerId: owner.producerId ?? 7,
  epoch: owner.epoch ?? 1,
  mergedAt: 1000 + position,
})

/** What every store of seen ids promises. `reopen` closes it and opens what it has left behind; absent where nothing is. */
export function seenStoreContract(name: string, open: () => SeenStore, reopen?: (store: SeenStore) => Promise<SeenStore>): void {
  describe(`seen store: ${name}`, () => {
    let store: SeenStore
    beforeEach(() => {
      store = open()
    })
    afterEach(() => store.close())
    const keys = Array.from({ length: 50 }, () => randomBytes(16))

    test('begins empty', () => {
      expect(store.meta()).toBeNull()
      expect(store.has(keys[0]!)).toBe(false)
    })

    test('has what was merged, in packs of any size, and nothing else', () => {
      expect(store.merge([Buffer.concat(keys.slice(0, 30)), keys[30]!], meta(5))).toBe(true)
      expect(keys.map(key => store.has(key))).toEqual(keys.map((_, i) => i <= 30))
      expect(store.meta()).toEqual(meta(5))
    })

    test('a later owner shuts out an earlier one, which changes nothing', () => {
      store.merge([keys[0]!], meta(5, { epoch: 4 }))
      expect(store.merge([keys[1]!], meta(9, { epoch: 3 }))).toBe(false)
      expect(store.merge([keys[1]!], meta(9, { producerId: 6, epoch: 9 }))).toBe(false)
      expect(store.has(keys[1]!)).toBe(false)
      expect(store.meta()?.position).toBe(5)
      expect(store.merge([keys[1]!], meta(9, { epoch: 5 }))).toBe(true)
      expect(store.merge([keys[2]!], meta(10, { producerId: 8, epoch: 0 }))).toBe(true)
    })

    test('forgets everything when cleared', () => {
      store.merge([keys[0]!], meta(5))
      store.clear()
      expect(store.meta()).toBeNull()
      expect(store.has(keys[0]!)).toBe(false)
    })

    if (reopen)
      test('has it all after a restart', async () => {
        store.merge([Buffer.concat(keys)], meta(5))
        store = await reopen(store)
        expect(keys.every(key => store.has(key))).toBe(true)
        expect(store.meta()).toEqual(meta(5))
      })
  })
}
